namespace Relay.Load;

/// <summary>When a connection becomes TLS.</summary>
internal enum TlsMode
{
    /// <summary>Never.</summary>
    Off,

    /// <summary>By STARTTLS (RFC 3207).</summary>
    StartTls,

    /// <summary>Before the greeting.</summary>
    Implicit,
}

/// <summary>What to send, and how.</summary>
internal sealed record LoadOptions
{
    /// <summary>The server's port on 127.0.0.1.</summary>
    public required int Port { get; init; }

    /// <summary>Sessions at the same time.</summary>
    public required int Sessions { get; init; }

    /// <summary>Messages in all.</summary>
    public required int Messages { get; init; }

    /// <summary>Octets of a message, without the few header fields.</summary>
    public required int Length { get; init; }

    /// <summary>All messages of a session over one connection.</summary>
    public required bool Keep { get; init; }

    /// <summary>When TLS begins.</summary>
    public required TlsMode Tls { get; init; }

    /// <summary>A connection may go on with the keys of an earlier one.</summary>
    public required bool Resume { get; init; }

    /// <summary>For the whole load.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>The account to sign in with; null for none.</summary>
    public string? User { get; init; }

    /// <summary>Its password.</summary>
    public string Password { get; init; } = "";

    /// <summary>The reverse-path.</summary>
    public required string From { get; init; }

    /// <summary>The forward-path.</summary>
    public required string To { get; init; }
}
