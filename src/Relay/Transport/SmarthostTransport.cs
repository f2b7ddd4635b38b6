using Relay.Dns;
using Relay.Replies;
using Relay.Routing;
using Relay.Status;
using Relay.Transport.Login;

namespace Relay.Transport;

/// <summary>
/// By SMTP to the hosts of the route, in the order of <see cref="SmarthostOrder"/>, signed in where the route says so. A smarthost that cannot be found is a fault of our configuration or
/// of our DNS and says nothing of the recipients: the mail waits.
/// </summary>
internal sealed class SmarthostTransport(IDnsResolver dns, SmtpSender sender, Logins logins, Random random, TimeProvider time) : ITransport
{
    private readonly SmarthostOrder order = new(random, time);

    /// <inheritdoc/>
    public async Task<DeliveryOutcome> DeliverAsync(DeliveryRequest request, CancellationToken cancel)
    {
        using var attempt = new DeliveryAttempt(request);
        foreach (var host in order.Of(request.Route.Hosts))
        {
            if (attempt.IsDecided)
            {
                break;
            }

            if (TryLogin(attempt, host))
            {
                await TryAsync(attempt, host, cancel);
                Learn(attempt, host);
            }
        }

        return attempt.ToOutcome();
    }

    private void Learn(DeliveryAttempt attempt, HostPort host)
    {
        if (attempt.HasDecisions)
        {
            order.Answered(host);
        }
        else
        {
            order.Failed(host);
        }
    }

    /// <summary>False where the credentials cannot be read: a fault of ours, and the mail waits.</summary>
    private bool TryLogin(DeliveryAttempt attempt, HostPort host)
    {
        try
        {
            attempt.Login = logins.For(attempt.Request.Route, host.Host);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            attempt.HasFailed = true;
            attempt.NoteAll(new(OutcomeKind.Deferred, Reasons.LoginFailed, null,
                new(ReplyCode.LocalError, 7, 0, "The password file of the route cannot be read"))
            { Detail = e.Message });
            return false;
        }
    }

    private async Task TryAsync(DeliveryAttempt attempt, HostPort host, CancellationToken cancel)
    {
        var found = await SmarthostHops.FindAsync(dns, host, cancel);
        if (found.Trouble is { } trouble)
        {
            attempt.HasFailed = true;
            attempt.NoteAll(trouble);
            return;
        }

        await sender.SendAsync(attempt, found.Hops, cancel);
    }
}
