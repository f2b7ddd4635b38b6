using System.Net;
using Relay.Accounts;
using Relay.Checks;

namespace Relay.Options;

/// <summary>The SMTP server.</summary>
public sealed record SmtpOptions
{
    /// <summary>Where it listens, and as what.</summary>
    public IReadOnlyList<ListenerOptions> Listeners { get; init; } =
        [new ListenerOptions { Address = new IPEndPoint(IPAddress.Loopback, 2525) }];

    /// <summary>Clients that may relay to anywhere, and whose line ends may be bare LF.</summary>
    public IReadOnlyList<IPNetwork> TrustedNetworks { get; init; } = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")];

    /// <summary>Clients that may sign in without TLS.</summary>
    public IReadOnlyList<IPNetwork> AuthWithoutTls { get; init; } = [];

    /// <summary>Hosts that may speak for a client of theirs by XCLIENT.</summary>
    public IReadOnlyList<IPNetwork> XclientNetworks { get; init; } = [];

    /// <summary>Octets of one message at most, as the client sends it.</summary>
    public long MaxMessageSize { get; init; } = 50 * 1024 * 1024;

    /// <summary>Recipients of one message at most; at least 100 (RFC 5321 §4.5.3.1.8).</summary>
    public int MaxRecipients { get; init; } = 1000;

    /// <summary>Sessions at the same time at most.</summary>
    public int MaxSessions { get; init; } = 10_000;

    /// <summary>Sessions of one address at the same time at most; trusted networks are free of it.</summary>
    public int MaxSessionsPerAddress { get; init; } = 100;

    /// <summary>Messages of one session at most.</summary>
    public int MaxMessagesPerSession { get; init; } = 10_000;

    /// <summary>Commands without a message between them at most.</summary>
    public int MaxCommandsWithoutMail { get; init; } = 100;

    /// <summary>A session with more errors than this is ended.</summary>
    public int MaxErrors { get; init; } = 20;

    /// <summary>Messages from one address; trusted networks are free of it. Null for no limit.</summary>
    public Rate? RatePerAddress { get; init; }

    /// <summary>Messages of one account that has no rate of its own. Null for no limit.</summary>
    public Rate? RatePerAccount { get; init; }

    /// <summary>How long a client may be silent (RFC 5321 §4.5.3.2.7: at least 5 minutes).</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Octets of content a second at least, over the whole content and after the first <see cref="IdleTimeout"/>; 0 for no minimum.</summary>
    public long MinTransferRate { get; init; } = 128;

    /// <summary>How long clients that are not trusted wait for the greeting; who talks before it is refused. Zero for no wait.</summary>
    public TimeSpan GreetingDelay { get; init; }

    /// <summary><c>Received:</c> fields at most; more is a loop (RFC 5321 §6.3: at least 100).</summary>
    public int MaxHops { get; init; } = 100;
}

/// <summary>What a listener is for.</summary>
public enum ListenerRole
{
    /// <summary>Takes mail for our own domains from everybody; who is trusted or signed in may relay.</summary>
    Mta,

    /// <summary>Takes mail only from those who are trusted or signed in (RFC 6409).</summary>
    Submission,
}

/// <summary>How a listener begins TLS.</summary>
public enum ListenerTls
{
    /// <summary>Never.</summary>
    Off,

    /// <summary>When the client asks for it by STARTTLS (RFC 3207).</summary>
    StartTls,

    /// <summary>At once, before the greeting (RFC 8314 §3.3).</summary>
    Implicit,
}

/// <summary>One address that the SMTP server listens on.</summary>
public sealed record ListenerOptions
{
    /// <summary>Address and port; port 0 for any free one.</summary>
    public required IPEndPoint Address { get; init; }

    /// <summary>What it is for.</summary>
    public ListenerRole Role { get; init; }

    /// <summary>How it begins TLS. Where nothing is configured: STARTTLS when there is a certificate, otherwise never.</summary>
    public ListenerTls Tls { get; init; }

    /// <summary>Load balancers in front: from these networks a PROXY header must come first.</summary>
    public IReadOnlyList<IPNetwork> Proxy { get; init; } = [];

    /// <summary>
    /// Whether the address that connects is the client's. Where it is not, nobody is trusted by network and everybody has to
    /// sign in.
    /// </summary>
    public ClientAddress ClientAddress { get; init; }

    /// <summary>The most that each check may do here; null for what <see cref="CheckOptions.Modes"/> says.</summary>
    public CheckModes? Checks { get; init; }
}

/// <summary>Whether a listener sees the addresses of its clients.</summary>
public enum ClientAddress
{
    /// <summary>It does, or a PROXY header tells.</summary>
    Known,

    /// <summary>It does not: something in front hides them.</summary>
    Unknown,
}

/// <summary>A domain that is ours: mail to it is taken from everybody.</summary>
public sealed record DomainOptions
{
    /// <summary>The domain; <c>*.example.com</c> for all below it.</summary>
    public required string Name { get; init; }

    /// <summary>Local parts that exist, without case; <c>*</c> for all. <c>postmaster</c> always does (RFC 5321 §4.5.1).</summary>
    public IReadOnlyList<string> Recipients { get; init; } = ["*"];
}
