using Relay.Accounts;

namespace Relay.Routing;

/// <summary>What only a smarthost route has, beside its hosts: how it signs in, and its limits.</summary>
public sealed record SmarthostRoute
{
    /// <summary>A provider whose hosts and rules Relay knows; none where the route says all itself.</summary>
    public SmarthostPreset Preset { get; init; }

    /// <summary>How to sign in (RFC 4954).</summary>
    public SmarthostAuth Auth { get; init; }

    /// <summary>Whom to sign in as; null where <see cref="PasswordFile"/> says it, or nobody signs in.</summary>
    public string? User { get; init; }

    /// <summary>The password of <see cref="User"/>.</summary>
    public string? Password { get; init; }

    /// <summary>A file of lines <c>host:user:password</c>, as Exim's <c>passwd.client</c>; read again when it has changed.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>What an access token is asked for, with the identity of this process (XOAUTH2).</summary>
    public string TokenScope { get; init; } = "https://outlook.office365.com/.default";

    /// <summary>Attempts at the same time at most; null for the limit of all destinations.</summary>
    public int? Concurrency { get; init; }

    /// <summary>Attempts in a time at most; null for the limit of all destinations.</summary>
    public Rate? Rate { get; init; }

    /// <summary>Recipients of one transaction at most.</summary>
    public int MaxRecipients { get; init; } = 100;

    /// <summary>Without the password.</summary>
    public override string ToString() => $"{Auth} {User ?? PasswordFile}".TrimEnd();
}

/// <summary>Providers that Relay knows.</summary>
public enum SmarthostPreset
{
    /// <summary>None.</summary>
    None,

    /// <summary>The SMTP door of Azure Communication Services: smtp.azurecomm.net:587, TLS, AUTH.</summary>
    Acs,
}

/// <summary>How a smarthost route signs in.</summary>
public enum SmarthostAuth
{
    /// <summary>Not at all.</summary>
    Off,

    /// <summary>By a password, and of the mechanisms that the host offers the best: SCRAM-SHA-256, PLAIN, LOGIN.</summary>
    Auto,

    /// <summary>PLAIN (RFC 4616).</summary>
    Plain,

    /// <summary>LOGIN, which no RFC has and many hosts do.</summary>
    Login,

    /// <summary>SCRAM-SHA-256 (RFC 7677): the password never leaves this process.</summary>
    ScramSha256,

    /// <summary>XOAUTH2: an access token of the identity that this process has in Azure.</summary>
    XOAuth2,
}
