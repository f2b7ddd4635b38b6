using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Addresses;
using Relay.Routing;

namespace Relay.Options;

/// <summary>The whole configuration, already validated. <c>docs/configuration.md</c> lists every key.</summary>
public sealed record RelayOptions
{
    /// <summary>The name that Relay gives itself in the greeting, in HELO and in <c>Received:</c>.</summary>
    public required string HostName { get; init; }

    /// <summary>The data folder, as a full path.</summary>
    public required string Data { get; init; }

    /// <summary>Where messages and work are kept.</summary>
    public SpoolKind Spool { get; init; }

    /// <summary>The storage of the spool on Azure; the first one has what is not of a message, such as accounts.</summary>
    public IReadOnlyList<ShardOptions> Shards { get; init; } = [];

    /// <summary>What this estate is called, for routes that are meant for some estates only; null for none.</summary>
    public string? Estate { get; init; }

    /// <summary>Events below this level are not logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>The SMTP server.</summary>
    public SmtpOptions Smtp { get; init; } = new();

    /// <summary>Certificates of this server; the first one is shown where no other fits the name that the client asks for.</summary>
    public IReadOnlyList<CertificateOptions> Certificates { get; init; } = [];

    /// <summary>Signing in.</summary>
    public AuthOptions Auth { get; init; } = new();

    /// <summary>Our own domains: whoever may not relay reaches these alone.</summary>
    public IReadOnlyList<DomainOptions> Domains { get; init; } = [];

    /// <summary>The checks of mail from clients that nobody vouches for.</summary>
    public CheckOptions Checks { get; init; } = new();

    /// <summary>Our own lists of clients, senders and recipients.</summary>
    public LocalListsOptions Lists { get; init; } = new();

    /// <summary>Lists that others publish in DNS.</summary>
    public IReadOnlyList<DnsListOptions> DnsLists { get; init; } = [];

    /// <summary>From this sum of the weights of lists in DNS on mail is refused; below it, it is told in the header.</summary>
    public int DnsListThreshold { get; init; } = 1;

    /// <summary>The check of the names of attachments.</summary>
    public AttachmentOptions Attachments { get; init; } = new();

    /// <summary>A filter outside of Relay.</summary>
    public FilterOptions Filter { get; init; } = new();

    /// <summary>The keys that mail is signed with.</summary>
    public IReadOnlyList<DkimOptions> Dkim { get; init; } = [];

    /// <summary>Sealing mail that is forwarded, and whose seals count.</summary>
    public ArcOptions Arc { get; init; } = new();

    /// <summary>Addresses that stand for others, beside those of the address book.</summary>
    public IReadOnlyList<Alias> Aliases { get; init; } = [];

    /// <summary>Rewriting the reverse-path of what is forwarded.</summary>
    public SrsOptions Srs { get; init; } = new();

    /// <summary>The return-path of what our own users send.</summary>
    public BounceOptions Bounces { get; init; } = new();

    /// <summary>Addresses to which no mail is sent.</summary>
    public SuppressionOptions Suppression { get; init; } = new();

    /// <summary>The HTTP server.</summary>
    public HttpOptions Http { get; init; } = new();

    /// <summary>What comes from Azure Communication Services.</summary>
    public AcsOptions Acs { get; init; } = new();

    /// <summary>The ways out, first match first.</summary>
    public IReadOnlyList<Route> Routes { get; init; } =
        [new Route { Name = "capture", Kind = RouteKind.Capture, Recipients = ["*"] }];

    /// <summary>When deferred mail is tried again.</summary>
    public RetryOptions Retry { get; init; } = new();

    /// <summary>The steps that work through the queue.</summary>
    public DeliveryOptions Delivery { get; init; } = new();

    /// <summary>Destinations with limits of their own, first match first.</summary>
    public IReadOnlyList<DestinationOptions> Destinations { get; init; } = [];
    /// <summary>What mx routes heed of what a domain publishes about TLS.</summary>
    public MxOptions Mx { get; init; } = new();

    /// <summary>The resolver.</summary>
    public DnsOptions Dns { get; init; } = new();

    /// <summary>How long the status of an ended message is kept, and captured content with it.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Reads a number of octets, be it with KB, MB or GB (of 1024).</summary>
    public static bool TryParseSize(string text, out long octets) => ValueKinds.Size(0, long.MaxValue).Parse(text, out octets);
}

/// <summary>The HTTP server.</summary>
public sealed record HttpOptions
{
    /// <summary>Where it listens.</summary>
    public IPEndPoint Listener { get; init; } = new(IPAddress.Loopback, 8025);

    /// <summary>Where the two questions of probes are answered too, and nothing else; null for nowhere.</summary>
    public IPEndPoint? Health { get; init; }
}

/// <summary>When deferred mail is tried again (RFC 5321 §4.5.4.1).</summary>
public sealed record RetryOptions
{
    /// <summary>The delay after the first, second, … attempt; the last one is used for all that follow.</summary>
    public IReadOnlyList<TimeSpan> Delays { get; init; } =
    [
        TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(1), TimeSpan.FromHours(2), TimeSpan.FromHours(4),
    ];

    /// <summary>Mail older than this expires.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(5);

    /// <summary>The sender is told once of mail that is still deferred at this age; zero for never.</summary>
    public TimeSpan DelayNotice { get; init; } = TimeSpan.FromHours(4);

    /// <summary>How far a delay is moved at random, as a fraction of itself to either side: 0 to 1.</summary>
    public double Jitter { get; init; } = 0.2;
}

/// <summary>The steps that work through the queue.</summary>
public sealed record DeliveryOptions
{
    /// <summary>Works of one queue at the same time at most. One that takes longer than a moment does not count.</summary>
    public int Concurrency { get; init; } = 256;

    /// <summary>How long an SMTP connection is kept open for more mail to the same host.</summary>
    public TimeSpan ConnectionIdle { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a stopping relay waits for sessions and attempts in flight.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The limits of a destination that has none of its own.</summary>
    public DestinationLimits Destination { get; init; } = new();
}

/// <summary>What mx routes heed of what a domain publishes about TLS.</summary>
public sealed record MxOptions
{
    /// <summary>Policies of MTA-STS are fetched and heeded (RFC 8461).</summary>
    public bool MtaSts { get; init; } = true;

    /// <summary>What is kept for reports on TLS (RFC 8460).</summary>
    public bool TlsReports { get; init; } = true;
}

/// <summary>The resolver.</summary>
public sealed record DnsOptions
{
    /// <summary>Name servers to ask; empty for those of the machine.</summary>
    public IReadOnlyList<IPEndPoint> Servers { get; init; } = [];

    /// <summary>
    /// The name servers validate by DNSSEC and can be trusted when they say so, as can the way to them: then DANE is heeded.
    /// </summary>
    public bool Validating { get; init; }

    /// <summary>For one question to one server.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Reads the address of a name server; the port is 53 where none is given, and an IPv6 address stands in brackets.</summary>
    public static bool TryParseServer(string text, out IPEndPoint server) => ValueKinds.NameServer.Parse(text, out server);
}
