using Relay.Replies;
using Relay.Status;

namespace Relay.Transport;

/// <summary>By SMTP to the mail hosts that the recipients' domain names in DNS (RFC 5321 §5).</summary>
internal sealed class MxTransport(MxPlanner planner, SmtpSender sender) : ITransport
{
    /// <summary>
    /// RFC 8689 §4.2.1: the hosts' names must be proven by DNSSEC or MTA-STS before a certificate for them proves anything.
    /// </summary>
    private static readonly RecipientOutcome UnprovenHosts = new(OutcomeKind.Bounced, Reasons.TlsRequired, null,
        new(ReplyCode.MailboxUnavailable, 7, 10, "The message asks for REQUIRETLS, and the mail hosts that DNS names cannot be proven"));

    /// <inheritdoc/>
    public async Task<DeliveryOutcome> DeliverAsync(DeliveryRequest request, CancellationToken cancel)
    {
        using var attempt = new DeliveryAttempt(request);
        if (attempt.RequiresTls)
        {
            return DeliveryOutcome.ForAll(request.Recipients.Count, UnprovenHosts);
        }

        var route = (await planner.PlanAsync(request.Recipients[0].Mailbox, request.Route.Port, cancel)).Route;
        if (route.Verdict is not null)
        {
            return DeliveryOutcome.ForAll(request.Recipients.Count, route.Verdict) with
            {
                IsUnreachable = route.Verdict.Kind == OutcomeKind.Deferred,
            };
        }

        await sender.SendAsync(attempt, route.Hops, cancel);
        return attempt.ToOutcome();
    }
}
