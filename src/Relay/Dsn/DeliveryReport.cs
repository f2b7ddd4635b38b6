using Relay.Mail;
using Relay.Spool;

namespace Relay.Dsn;

/// <summary>A delivery status notification, as data (RFC 3464).</summary>
internal sealed record DeliveryReport
{
    /// <summary>Octets of the original header that go back at most.</summary>
    public const int MaxHeader = 32 * 1024;

    /// <summary>Octets of a whole original that go back at most; of a longer one only the header does.</summary>
    public const int MaxOriginal = 1024 * 1024;

    /// <summary>The id of the notification.</summary>
    public required MessageId Id { get; init; }

    /// <summary>The reporting MTA.</summary>
    public required string HostName { get; init; }

    /// <summary>Who is told; never null.</summary>
    public required ReversePath Sender { get; init; }

    /// <summary>The message that it is about.</summary>
    public required MessageId About { get; init; }

    /// <summary>What the sender knows that message by; null when it did not say.</summary>
    public string? EnvelopeId { get; init; }

    /// <summary>When that message was accepted.</summary>
    public required DateTimeOffset ArrivedAt { get; init; }

    /// <summary>When the outcomes were decided.</summary>
    public required DateTimeOffset DecidedAt { get; init; }

    /// <summary>The recipients, and what became of each.</summary>
    public required IReadOnlyList<(ForwardPath Path, RecipientReport Report)> Recipients { get; init; }

    /// <summary>The original, or its header with the line end of the last field.</summary>
    public required byte[] Original { get; init; }

    /// <summary>True when <see cref="Original"/> is the whole message.</summary>
    public bool OriginalIsWhole { get; init; }

    /// <summary>True when any recipient failed.</summary>
    public bool HasFailures => Recipients.Any(r => r.Report.Action == DsnAction.Failed);
}
