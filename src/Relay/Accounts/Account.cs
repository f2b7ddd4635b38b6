using System.Net;

namespace Relay.Accounts;

/// <summary>Somebody who may sign in to hand in mail.</summary>
public sealed record Account
{
    /// <summary>What the client signs in with; compared without case.</summary>
    public required string Name { get; init; }

    /// <summary>Null where it signs in by access token only.</summary>
    public PasswordKeys? Password { get; init; }

    /// <summary>The <c>oid</c> or <c>appid</c> of the access tokens that stand for it; null where none does.</summary>
    public string? TokenSubject { get; init; }

    /// <summary>It may not sign in for now.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>Reverse-paths it may use: <c>user@example.com</c>, <c>example.com</c>, <c>*.example.com</c>. Empty: any.</summary>
    public IReadOnlyList<string> Senders { get; init; } = [];

    /// <summary>Where it may sign in from. Empty: anywhere.</summary>
    public IReadOnlyList<IPNetwork> Networks { get; init; } = [];

    /// <summary>Messages it may hand in; null for the rate of the configuration.</summary>
    public Rate? Rate { get; init; }

    /// <summary>When it was added.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The form of a name in which names are compared, and that locks have: in lower case.</summary>
    public static string KeyOf(string name) => name.ToLowerInvariant();
}

/// <summary>So many in so much time.</summary>
/// <param name="Count">At least 1.</param>
/// <param name="Period">Longer than zero.</param>
public sealed record Rate(int Count, TimeSpan Period);
