using Microsoft.Extensions.Logging;
using Relay.Mail;
using Relay.Spool;
using Relay.Status;
using Relay.Telemetry;

namespace Relay.Delivery;

/// <summary>Does what an operator asks for, logs it, and tells those who keep away from a destination that it is to be tried.</summary>
public sealed partial class QueueOperator(ISpool spool, ILogger<QueueOperator> log)
{
    /// <summary>
    /// Told before mail is retried or released, of each domain that it is for, and with null of all: who backs off from a
    /// destination gives that up.
    /// </summary>
    public Action<string?> TryAgain { get; init; } = static _ => { };

    /// <summary>Changes the queue; null when a message is asked for that is not known.</summary>
    public async Task<QueueChange?> RunAsync(QueueAction action, QueueSelection selection, CancellationToken cancel)
    {
        IEnumerable<string?> domains = [selection.Domain];
        if (selection.Message is { } id)
        {
            if (await spool.StatusAsync(id, cancel) is not { } status)
            {
                return null;
            }

            domains = DomainsOf(status);
        }

        if (action is QueueAction.Retry or QueueAction.Release)
        {
            foreach (var domain in domains)
            {
                TryAgain(domain);
            }
        }

        var change = await spool.ControlAsync(action, selection, cancel);
        if (action == QueueAction.Cancel && change.Recipients > 0)
        {
            RelayTelemetry.Outcomes.Add(
                change.Recipients, new("state", StatusEvents.KindOf(RecipientState.Cancelled)), new("reason", Reasons.Cancelled), new("route", null));
        }

        LogChanged(action, Name(selection), change.Messages, change.Recipients, change.InFlight, selection.Note);
        return change;
    }

    private static IEnumerable<string?> DomainsOf(MessageStatus status) =>
        from recipient in status.Recipients
        where !recipient.State.IsFinal() || recipient.State == RecipientState.Quarantined
        let host = Mailbox.TryParse(recipient.Address, out var mailbox) && DomainName.TryToHost(mailbox.Domain, out var name) ? name : null
        where host is not null
        group host by host into domain
        select domain.Key;

    private static string Name(QueueSelection selection) =>
        selection.Message?.ToString() ?? selection.Domain ?? "all";

    [LoggerMessage(EventIds.QueueChanged, LogLevel.Information,
        "queue {Action} of {Selection}: messages={Messages} recipients={Recipients} inflight={InFlight}: {Note}")]
    private partial void LogChanged(QueueAction action, string selection, int messages, int recipients, int inFlight, string? note);
}
