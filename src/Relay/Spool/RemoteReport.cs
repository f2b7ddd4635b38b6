using System.Text.Json.Serialization;

namespace Relay.Spool;

/// <summary>
/// What a remote host or service tells of one recipient after it took the message: a DSN that came back to our return-path
/// (RFC 3464), or a delivery report of Azure Communication Services.
/// </summary>
public sealed record RemoteReport
{
    /// <summary>The <see cref="Source"/> of what came back by mail.</summary>
    public const string FromDsn = "dsn";

    /// <summary>The <see cref="Source"/> of what Azure Communication Services tells.</summary>
    public const string FromAcs = "acs";

    /// <summary>
    /// What became of it; null where what came back is no report. Stored whatever it is: what is the default would otherwise be
    /// left out, and missed.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required DsnAction? Action { get; init; }

    /// <summary>The recipient's index in the envelope; null where only its address is known.</summary>
    public int? Recipient { get; init; }

    /// <summary>The recipient's address as the report has it; null where only its index is known.</summary>
    public string? Address { get; init; }

    /// <summary>The address that the sender used first, as the report has it (ORCPT); null where it says none.</summary>
    public string? OriginalAddress { get; init; }

    /// <summary>The enhanced status code as text, such as <c>5.1.1</c>; null where it says none.</summary>
    public string? Status { get; init; }

    /// <summary>Who said so; null where it says nothing of that.</summary>
    public string? RemoteHost { get; init; }

    /// <summary>Its words, on one line; null where there are none.</summary>
    public string? Reply { get; init; }

    /// <summary>Where the report came from: <see cref="FromDsn"/> or <see cref="FromAcs"/>.</summary>
    public required string Source { get; init; }

    /// <summary>When it happened, as the report says; when it arrived where that is not said.</summary>
    public required DateTimeOffset At { get; init; }
}
