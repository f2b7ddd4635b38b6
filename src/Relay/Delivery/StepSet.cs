using Azure.Identity;
using Microsoft.Extensions.Logging;
using Relay.Checks;
using Relay.Checks.Content;
using Relay.Delivery.Destinations;
using Relay.Dns;
using Relay.Forwarding;
using Relay.Options;
using Relay.Routing;
using Relay.Spool;
using Relay.Transport;
using Relay.Transport.Acs;
using Relay.Transport.MxSecurity;

namespace Relay.Delivery;

/// <summary>The steps, put together with all that they work with: the same for every host and every engine.</summary>
public sealed class StepSet : IAsyncDisposable
{
    private readonly HttpClient? filter;
    private readonly MxGuard guard;
    private readonly Transports transports;

    /// <summary>Composes them; nothing is asked yet.</summary>
    public StepSet(RelayOptions options, StepStores stores, TimeProvider time, Random random, ILoggerFactory logs)
    {
        Intake = new Intake(stores.Spool, options, time, logs.CreateLogger<Intake>());
        Router = new Router(options.Routes, options.Estate);
        var dns = new DnsResolver(options.Dns, time);
        filter = ContentChecks.CreateHttp(options);
        Checks = new CheckRunner(
            CheckSet.Of(options, dns, filter, time, logs), options.Checks, time, logs.CreateLogger<CheckRunner>(), stores.DmarcRecords);
        guard = new MxGuard(options, dns, stores.StsPolicies, stores.TlsRecords, time, logs);
        transports = new Transports(options, dns, time, random, logs, guard: guard);
        Forwarding = new ForwardingParts(options, stores.ReturnPaths, stores.Addresses, time);
        transports.Add(RouteKind.Forward, Forwarding.Transport(Intake, logs));
        if (stores.Quota is { } quota)
        {
            transports.Add(RouteKind.Acs, new AcsTransport(quota, new DefaultAzureCredential(), time, logs.CreateLogger<AcsTransport>()));
        }

        Destinations = new DestinationSet(options, time, logs.CreateLogger<DestinationSet>());
        Steps = new Steps(new StepParts
        {
            Spool = stores.Spool,
            Intake = Intake,
            Router = Router,
            RouteBefore = Forwarding.Expansion.RouteOf,
            Checks = Checks,
            Fields = stores.Fields,
            Transports = transports.For,
            Options = options,
            Time = time,
            Random = random,
            Logs = logs,
            Addresses = stores.Addresses,
            Verp = Forwarding.Verp,
            Destinations = Destinations,
        });
    }

    /// <summary>Takes mail, of clients and of Relay itself.</summary>
    public Intake Intake { get; }

    /// <summary>Finds routes.</summary>
    public Router Router { get; }

    /// <summary>The checks of the door and of the queue.</summary>
    public CheckRunner Checks { get; }

    /// <summary>Aliases and return-paths.</summary>
    public ForwardingParts Forwarding { get; }

    /// <summary>How destinations are doing.</summary>
    public DestinationSet Destinations { get; }

    /// <summary>The steps.</summary>
    public Steps Steps { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await transports.DisposeAsync();
        await guard.DisposeAsync();
        Destinations.Dispose();
        filter?.Dispose();
    }
}
