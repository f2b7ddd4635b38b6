using Microsoft.Extensions.Logging;
using Relay.Addresses;
using Relay.Checks;
using Relay.Delivery.Destinations;
using Relay.Forwarding;
using Relay.Mail;
using Relay.Options;
using Relay.Routing;
using Relay.Signing;
using Relay.Spool;
using Relay.Transport;

namespace Relay.Delivery;

/// <summary>What the steps work with; every host puts it together once.</summary>
public sealed record StepParts
{
    /// <summary>Where messages are.</summary>
    public required ISpool Spool { get; init; }

    /// <summary>Takes the mail that Relay itself writes.</summary>
    public required Intake Intake { get; init; }

    /// <summary>Finds routes.</summary>
    public required Router Router { get; init; }

    /// <summary>
    /// The route of a recipient that stands before all of the configuration, such as <see cref="Route.Aliases"/> of an alias; null
    /// for those of the configuration.
    /// </summary>
    public Func<WorkItem, Mailbox, Route?> RouteBefore { get; init; } = (_, _) => null;

    /// <summary>The checks that run from the queue.</summary>
    public required CheckRunner Checks { get; init; }

    /// <summary>Signatures and seals.</summary>
    public required OutboundFields Fields { get; init; }

    /// <summary>The transport of each kind of route.</summary>
    public required Func<RouteKind, ITransport> Transports { get; init; }

    /// <summary>The configuration.</summary>
    public required RelayOptions Options { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Spreads retries.</summary>
    public required Random Random { get; init; }

    /// <summary>Makes the loggers.</summary>
    public required ILoggerFactory Logs { get; init; }

    /// <summary>Domains, aliases and suppressions of the moment.</summary>
    public IAddressBook Addresses { get; init; } = EmptyAddressBook.Instance;

    /// <summary>Return-paths that name the message.</summary>
    public Verp Verp { get; init; } = Verp.Off;
    /// <summary>The gates of destinations.</summary>
    public IDestinations Destinations { get; init; } = OpenDestinations.Instance;
}
