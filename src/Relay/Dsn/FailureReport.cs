using Relay.Mail;
using Relay.Spool;

namespace Relay.Dsn;

/// <summary>A delivery status notification of failure, as data (RFC 3464).</summary>
internal sealed record FailureReport
{
    /// <summary>Octets of the original header that go back at most.</summary>
    public const int MaxHeader = 32 * 1024;

    /// <summary>The id of the notification.</summary>
    public required MessageId Id { get; init; }

    /// <summary>The reporting MTA.</summary>
    public required string HostName { get; init; }

    /// <summary>Who is told; never null.</summary>
    public required ReversePath Sender { get; init; }

    /// <summary>The message that failed.</summary>
    public required MessageId About { get; init; }

    /// <summary>When that message was accepted.</summary>
    public required DateTimeOffset ArrivedAt { get; init; }

    /// <summary>When the failures were decided.</summary>
    public required DateTimeOffset DecidedAt { get; init; }

    /// <summary>The recipients that failed, and why.</summary>
    public required IReadOnlyList<(ForwardPath Path, FailedRecipient Failure)> Recipients { get; init; }

    /// <summary>The header of the original with the line end of its last field.</summary>
    public required byte[] OriginalHeader { get; init; }
}
