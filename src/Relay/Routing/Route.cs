using Relay.Options;

namespace Relay.Routing;

/// <summary>How the mail of a route leaves.</summary>
public enum RouteKind
{
    /// <summary>Kept in the spool, to be read there; nothing leaves the machine.</summary>
    Capture,

    /// <summary>Dropped, and recorded as such.</summary>
    Discard,

    /// <summary>By SMTP to the mail hosts that the recipient's domain names in DNS.</summary>
    Mx,

    /// <summary>By SMTP to configured hosts.</summary>
    Smarthost,

    /// <summary>By the REST API of Azure Communication Services Email.</summary>
    Acs,

    /// <summary>Final delivery: an mbox, a Maildir, or a blob container laid out as one.</summary>
    Mailbox,

    /// <summary>To an HTTPS URL, signed.</summary>
    Webhook,

    /// <summary>To other addresses, as a message of its own.</summary>
    Forward,

    /// <summary>Refused with the given reply.</summary>
    Reject,

    /// <summary>Read as a report about mail that we have sent. Not to be configured: our return-paths lead there.</summary>
    Bounces,
}

/// <summary>Whether SMTP to the next hop is encrypted.</summary>
public enum TlsMode
{
    /// <summary>STARTTLS where it is offered, any certificate; in clear where it is not or fails (RFC 7435).</summary>
    Opportunistic,

    /// <summary>STARTTLS with a valid certificate for the host's name, or the mail is deferred.</summary>
    Required,

    /// <summary>Never.</summary>
    Off,
}

/// <summary>A host and port of a smarthost route.</summary>
/// <param name="Host">A name or an address.</param>
/// <param name="Port">1 to 65535.</param>
public sealed record HostPort(string Host, int Port)
{
    /// <summary>submissions (RFC 8314 §3.3): TLS from the first octet.</summary>
    internal const int TlsPort = 465;

    /// <summary>Its share of the mail among the hosts that have one, 1 to 100; 0 for a host that is tried when those fail, in the order of the list.</summary>
    public int Weight { get; init; }

    /// <summary>Reads a host name or address; the port is 25 where none is given, and an IPv6 address stands in brackets. A weight may follow behind <c>*</c>.</summary>
    public static bool TryParse(string text, out HostPort host) => ValueKinds.Host.Parse(text, out host);

    /// <summary><c>host:port</c> or <c>host:port*weight</c>, with brackets around an IPv6 address.</summary>
    public override string ToString() => $"{(Host.Contains(':') ? $"[{Host}]" : Host)}:{Port}{(Weight > 0 ? $"*{Weight}" : "")}";
}

/// <summary>One way out, as configured. It takes a message for a recipient when all of its conditions hold; a list that is empty is none, but for <see cref="Recipients"/>.</summary>
public sealed record Route
{
    /// <summary>
    /// The route of recipients that are aliases. It stands before all of the configuration, and no route there has its name.
    /// </summary>
    public static Route Aliases { get; } = new() { Name = "aliases", Kind = RouteKind.Forward, Recipients = [] };

    /// <summary>Unique; it stands in the status and in work items.</summary>
    public required string Name { get; init; }

    /// <summary>How.</summary>
    public required RouteKind Kind { get; init; }

    /// <summary>
    /// Patterns of recipients, without case: <c>example.com</c>, <c>*.example.com</c> (below it, not itself),
    /// <c>user@example.com</c>, <c>*</c>. None makes a route that is reached by its name alone, as a fallback.
    /// </summary>
    public required IReadOnlyList<string> Recipients { get; init; }

    /// <summary>Patterns of reverse-paths, as of <see cref="Recipients"/>; <c>&lt;&gt;</c> is the null one.</summary>
    public IReadOnlyList<string> Senders { get; init; } = [];

    /// <summary>Names of accounts, without case; <c>*</c> is whoever is signed in.</summary>
    public IReadOnlyList<string> Accounts { get; init; } = [];

    /// <summary>Octets that the message has at least.</summary>
    public long MinSize { get; init; }

    /// <summary>Octets that it has at most.</summary>
    public long MaxSize { get; init; } = long.MaxValue;

    /// <summary>Fields, one of which its header has.</summary>
    public IReadOnlyList<HeaderPattern> Headers { get; init; } = [];

    /// <summary>Names of estates, without case.</summary>
    public IReadOnlyList<string> Estates { get; init; } = [];

    /// <summary>The hosts of a smarthost route, tried in this order.</summary>
    public IReadOnlyList<HostPort> Hosts { get; init; } = [];

    /// <summary>The port of an MX route: 25, unless a test says otherwise.</summary>
    public int Port { get; init; } = 25;

    /// <summary>Whether it is encrypted.</summary>
    public TlsMode Tls { get; init; }

    /// <summary>The name of the route that takes what this one cannot (<see cref="Transport.RecipientOutcome.MayFallBack"/>); null for none.</summary>
    public string? Fallback { get; init; }

    /// <summary>What more an acs route has; null for other kinds.</summary>
    public AcsRoute? Acs { get; init; }

    /// <summary>What more a mailbox route has; null for other kinds.</summary>
    public MailboxRoute? Mailbox { get; init; }

    /// <summary>What more a webhook route has; null for other kinds.</summary>
    public WebhookRoute? Webhook { get; init; }

    /// <summary>What more a forward route has; null for other kinds.</summary>
    public ForwardRoute? Forward { get; init; }

    /// <summary>What a reject or discard route says; null for other kinds.</summary>
    public RejectRoute? Reject { get; init; }

    /// <summary>What more a capture route has; null for other kinds.</summary>
    public CaptureRoute? Capture { get; init; }

    /// <summary>How a smarthost route signs in, and its limits; null for other kinds.</summary>
    public SmarthostRoute? Smarthost { get; init; }

    /// <summary>The size is a condition.</summary>
    internal bool HasSizes => MinSize > 0 || MaxSize < long.MaxValue;
}
