using Relay.Status;
using Relay.Transport.MxSecurity;

namespace Relay.Transport;

/// <summary>By SMTP to the mail hosts that the recipients' domain names in DNS (RFC 5321 §5), under the TLS that the domain asks for.</summary>
internal sealed class MxTransport(MxPlanner planner, MxGuard guard, SmtpSender sender) : ITransport
{
    /// <inheritdoc/>
    public async Task<DeliveryOutcome> DeliverAsync(DeliveryRequest request, CancellationToken cancel)
    {
        using var attempt = new DeliveryAttempt(request);
        var recipient = request.Recipients[0].Mailbox;
        var plan = await planner.PlanAsync(recipient, request.Route.Port, cancel);
        if (VerdictOf(attempt, plan) is { } verdict)
        {
            return DeliveryOutcome.ForAll(request.Recipients.Count, verdict) with { IsUnreachable = verdict.Kind == OutcomeKind.Deferred };
        }

        await (plan.Source == MxSource.AddressLiteral
            ? sender.SendAsync(attempt, plan.Route.Hops, cancel)
            : SendAsync(attempt, recipient.Domain, plan, cancel));
        return attempt.ToOutcome();
    }

    /// <summary>An address proves nothing of who is there: no certificate for a name does, either.</summary>
    private static RecipientOutcome? VerdictOf(DeliveryAttempt attempt, MxPlan plan) =>
        attempt.RequiresTls && plan.Source == MxSource.AddressLiteral ? HostTls.UnprovenHost : plan.Route.Verdict;

    private async Task SendAsync(DeliveryAttempt attempt, string domain, MxPlan plan, CancellationToken cancel)
    {
        var question = new MxTlsQuestion(domain, attempt.Tls, attempt.RequiresTls, attempt.Request.Route.Port);
        var tls = await guard.ForAsync(question, plan.IsSecure, plan.Answers, cancel);
        await sender.SendAsync(attempt, tls.Admit(attempt, plan.Route.Hops), tls, cancel);
    }
}
