using Microsoft.Extensions.Logging;
using Relay.Addresses;
using Relay.Mail;
using Relay.Spool;
using Relay.Telemetry;
using Relay.Transport;

namespace Relay.Delivery;

/// <summary>
/// Puts addresses that bounced for good on the suppression list. Doing so twice changes nothing, and trouble with the list
/// never stops delivery.
/// </summary>
public sealed partial class BounceSuppression(StepParts parts)
{
    private readonly IAddressBook book = parts.Addresses;
    private readonly ILogger log = parts.Logs.CreateLogger<BounceSuppression>();

    /// <summary>Notes what an attempt brought, an outcome for each of the recipients.</summary>
    public Task NoteAsync(WorkItem work, IReadOnlyList<int> recipients, DeliveryOutcome outcome)
    {
        if (!Counts(work))
        {
            return Task.CompletedTask;
        }

        return Task.WhenAll(
            from noted in recipients.Zip(outcome.Recipients)
            where HardBounce.Is(noted.Second) && !noted.Second.MayFallBack
            select SuppressAsync(work, noted.First, Words(noted.Second.Reply.ToString(), noted.Second.RemoteHost)));
    }

    /// <summary>
    /// Notes what a remote host or service reported later of one recipient. By mail only where the return-path was his alone: one
    /// that others have seen too would let each of them report of the rest.
    /// </summary>
    public Task NoteAsync(WorkItem work, int recipient, RemoteReport report) =>
        Counts(work) && HardBounce.Is(report) && (report.Recipient is not null || report.Source != RemoteReport.FromDsn)
            ? SuppressAsync(work, recipient, Words(report.Reply ?? report.Status!, report.RemoteHost))
            : Task.CompletedTask;

    /// <summary>
    /// Only mail that a member handed in: he wants it delivered, and is told. Some hosts answer mail that they do not like as if
    /// the mailbox were not there; a stranger who sends such mail to an address of ours, forges himself as the sender of what
    /// will bounce, or has us forward it, could otherwise keep everybody's mail from whom he likes.
    /// </summary>
    private bool Counts(WorkItem work) =>
        parts.Options.Suppression.HardBounces && work.Origin is { IsMember: true, IsOwn: false } && !work.Envelope.ReversePath.IsNull;

    private async Task SuppressAsync(WorkItem work, int recipient, string words)
    {
        var mailbox = work.Envelope.Recipients[recipient].Mailbox;
        try
        {
            // What stands there already may have been added by hand, and for longer.
            if (mailbox.HasAddressLiteral || book.FindSuppression(mailbox) is not null)
            {
                return;
            }

            var now = parts.Time.GetUtcNow();
            var until = now + parts.Options.Suppression.For;
            var address = CanonicalAddress.Of(mailbox);
            await book.SuppressAsync(new Suppression(address, AddressParser.Reason($"bounced: {words}"), now, until), CancellationToken.None);
            RelayTelemetry.Suppressions.Add(1);
            LogSuppressed(work.Message, address, until, words);
        }
        catch (Exception e)
        {
            LogNotSuppressed(e, work.Message, mailbox, e.Message);
        }
    }

    private static string Words(string reply, string? host) => host is null ? reply : $"{reply} ({host})";

    [LoggerMessage(EventIds.SuppressionAdded, LogLevel.Information,
        "{MessageId} bounced for good: <{Recipient}> is on the suppression list until {Until:u}: {Reply}")]
    private partial void LogSuppressed(MessageId messageId, string recipient, DateTimeOffset until, string reply);

    [LoggerMessage(EventIds.SuppressionNotAdded, LogLevel.Error,
        "{MessageId} bounced for good, and <{Recipient}> cannot be put on the suppression list: {Cause}")]
    private partial void LogNotSuppressed(Exception exception, MessageId messageId, Mailbox recipient, string cause);
}
