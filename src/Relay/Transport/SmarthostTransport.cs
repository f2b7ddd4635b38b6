using Relay.Dns;
using Relay.Routing;

namespace Relay.Transport;

/// <summary>By SMTP to the hosts of the route, in their order.</summary>
internal sealed class SmarthostTransport(IDnsResolver dns, SmtpSender sender) : ITransport
{
    /// <inheritdoc/>
    public async Task<DeliveryOutcome> DeliverAsync(DeliveryRequest request, CancellationToken cancel)
    {
        var attempt = new DeliveryAttempt(request);
        foreach (var host in request.Route.Hosts)
        {
            if (attempt.IsDecided)
            {
                break;
            }

            await TryAsync(attempt, host, cancel);
        }

        return attempt.ToOutcome();
    }

    private async Task TryAsync(DeliveryAttempt attempt, HostPort host, CancellationToken cancel)
    {
        var found = await SmarthostHops.FindAsync(dns, host, cancel);
        if (found.Trouble is { } trouble)
        {
            attempt.NoteAll(trouble);
            return;
        }

        await sender.SendAsync(attempt, found.Hops, cancel);
    }
}
