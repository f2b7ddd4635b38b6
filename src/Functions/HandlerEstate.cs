using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Relay.Delivery;
using Relay.Functions.Triggers;
using Relay.Hosting;
using Relay.Options;
using Relay.Routing;
using Relay.Signing;
using Relay.Spool;
using Relay.Spool.Azure;

namespace Relay.Functions;

/// <summary>What one instance of the function app has open: stores, keys, and the steps over them. All of it is opened, or nothing.</summary>
internal sealed class HandlerEstate : IAsyncDisposable
{
    private readonly AzureStores stores;
    private readonly StepSet set;
    private readonly HttpApi api;
    private readonly List<TriggerEndpoint> triggers;

    private HandlerEstate(
        RelayOptions options, AzureStores stores, OutboundFields fields, Readiness readiness, ILoggerFactory logs, TimeProvider time, Random random)
    {
        this.stores = stores;
        set = new StepSet(options, new StepStores
        {
            Spool = stores.Spool,
            Addresses = stores.Addresses,
            DmarcRecords = stores.DmarcRecords,
            TlsRecords = stores.TlsRecords,
            StsPolicies = stores.StsPolicies,
            Quota = options.Routes.Any(route => route.Kind == RouteKind.Acs) ? stores.Quota : null,
            ReturnPaths = stores.ReturnPaths,
            Fields = fields,
        }, time, random, logs);
        api = new HttpApi(options, stores.Spool, stores.Accounts, stores.Addresses, readiness, time, logs)
        {
            Queue = new QueueOperator(stores.Spool, logs.CreateLogger<QueueOperator>()) { TryAgain = set.Destinations.Reset },
        };
        var queues = Enum.GetValues<WorkQueue>();
        triggers =
        [
            .. from trigger in
                (IEnumerable<ITrigger>)[
                    .. queues.Select(queue => new WorkTrigger(queue, stores.Spool, set.Steps, time, logs.CreateLogger<WorkTrigger>())),
                    .. queues.Select(queue => new PoisonTrigger(queue, stores.Spool, logs.CreateLogger<PoisonTrigger>())),
                    new SweepTrigger(new Sweep(stores.Spool, options, time, logs.CreateLogger<Sweep>())),
                ]
               select new TriggerEndpoint(trigger, logs.CreateLogger<TriggerEndpoint>()),
        ];
    }

    /// <summary>Opens it.</summary>
    /// <exception cref="IOException">Something is missing, or cannot be reached; the message says what to do.</exception>
    public static async Task<HandlerEstate> OpenAsync(
        RelayOptions options, Readiness readiness, ILoggerFactory logs, TimeProvider time, Random random, CancellationToken cancel)
    {
        var fields = new OutboundFields(
            await DkimSigner.OpenAsync(options.Dkim, time, cancel), await ArcSealer.OpenAsync(options.Arc, options.HostName, time, cancel));
        var stores = await AzureStores.OpenAsync(options, logs, time, cancel);
        return new HandlerEstate(options, stores, fields, readiness, logs, time, random);
    }

    /// <summary>Adds its functions and its HTTP API.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var trigger in triggers)
        {
            trigger.Map(routes);
        }

        api.Map(routes);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await set.DisposeAsync();
        await stores.DisposeAsync();
    }
}
