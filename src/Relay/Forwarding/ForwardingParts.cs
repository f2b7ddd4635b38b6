using Microsoft.Extensions.Logging;
using Relay.Addresses;
using Relay.Options;
using Relay.Spool;

namespace Relay.Forwarding;

/// <summary>All of forwarding over one configuration and one address book; every host puts it together once.</summary>
public sealed class ForwardingParts
{
    private readonly RelayOptions options;
    private readonly IAddressBook book;
    private readonly Srs srs;

    /// <summary>Composes it.</summary>
    public ForwardingParts(RelayOptions options, ReturnPathSecrets secrets, IAddressBook book, TimeProvider time)
    {
        this.options = options;
        this.book = book;
        srs = new Srs(secrets, options.Srs.Domain ?? options.HostName, time);
        var aliases = new AliasTable(options.Aliases, book);
        Verp = new Verp(secrets, options.Bounces.Domain);
        Expansion = new Expansion(aliases, srs);
        Known = new KnownAddresses(aliases, srs, Verp);
    }

    /// <summary>From addresses to those who get their mail.</summary>
    public Expansion Expansion { get; }

    /// <summary>Aliases and return-paths, for the door.</summary>
    public KnownAddresses Known { get; }

    /// <summary>Return-paths that name the message.</summary>
    public Verp Verp { get; }

    /// <summary>The transport of forward routes.</summary>
    public ForwardTransport Transport(Intake intake, ILoggerFactory logs) =>
        new(intake, Expansion, srs, options, book, logs.CreateLogger<ForwardTransport>());
}
