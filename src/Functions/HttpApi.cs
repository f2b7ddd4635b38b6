using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Relay.Accounts;
using Relay.Addresses;
using Relay.Certificates;
using Relay.Delivery;
using Relay.Delivery.Destinations;
using Relay.Hosting;
using Relay.Options;
using Relay.Spool;
using Relay.Transport.Acs;

namespace Relay.Functions;

/// <summary>All that is answered over HTTP, and what it is answered from; the server of a relay that runs by itself and the function app map the same.</summary>
internal sealed record HttpApi(
    RelayOptions Options, ISpool Spool, IAccounts Accounts, IAddressBook Addresses, Readiness Readiness, TimeProvider Time, ILoggerFactory Logs)
{
    /// <summary>What this server's certificates are now; null when it has none.</summary>
    public Func<IReadOnlyList<CertificateExpiry>>? Certificates { get; init; }

    /// <summary>How destinations are doing; null where no process alone knows.</summary>
    public IDestinations? Destinations { get; init; }

    /// <summary>Who changes the queue; null for one that tells nobody.</summary>
    public QueueOperator? Queue { get; init; }

    /// <summary>Adds all of it.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        HealthApi.Map(routes, Spool, Readiness, Certificates, Time);
        StatusApi.Map(routes, Spool, Time);
        AccountsApi.Map(routes, Accounts, Time);
        new AddressesApi(Addresses, Options, Time).Map(routes);
        if (Destinations is not null)
        {
            DestinationsApi.Map(routes, Destinations);
        }

        QueueApi.Map(routes, Spool, Queue ?? new QueueOperator(Spool, Logs.CreateLogger<QueueOperator>()));
        if (Options.Acs.EventsKey is { } eventsKey)
        {
            AcsEventsApi.Map(routes, new AcsReports(Spool, Time, Logs.CreateLogger<AcsReports>()), eventsKey);
        }
    }
}
