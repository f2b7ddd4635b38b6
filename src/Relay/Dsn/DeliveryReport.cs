using System.Text;
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

    /// <summary>Until when what is delayed is tried.</summary>
    public required DateTimeOffset TriedUntil { get; init; }

    /// <summary>The recipients, and what became of each.</summary>
    public required IReadOnlyList<(ForwardPath Path, RecipientReport Report)> Recipients { get; init; }

    /// <summary>The original, or its header with the line end of the last field.</summary>
    public required byte[] Original { get; init; }

    /// <summary>True when <see cref="Original"/> is the whole message.</summary>
    public bool OriginalIsWhole { get; init; }

    /// <summary>The message came with SMTPUTF8: its sender can be told in UTF-8.</summary>
    public bool SenderReadsUtf8 { get; init; }

    /// <summary>
    /// Whether it takes the forms of RFC 6533. It needs SMTPUTF8 all the way then, and so only where something in it is not
    /// ASCII; who did not use SMTPUTF8 gets the forms in ASCII.
    /// </summary>
    public bool IsInternational => isInternational ??= SenderReadsUtf8 &&
        (!(Sender.Mailbox?.IsAscii ?? true) || !Ascii.IsValid(OriginalHeader) ||
            Recipients.Any(r => !r.Path.Mailbox.IsAscii || !Ascii.IsValid(r.Path.OriginalRecipient?.Address ?? "")));

    private bool? isInternational;

    private ReadOnlySpan<byte> OriginalHeader =>
        Original.AsSpan().IndexOf("\r\n\r\n"u8) is >= 0 and var end ? Original.AsSpan(0, end) : Original;

    /// <summary>True when any recipient has come to this.</summary>
    public bool Has(DsnAction action) => Recipients.Any(r => r.Report.Action == action);
}
