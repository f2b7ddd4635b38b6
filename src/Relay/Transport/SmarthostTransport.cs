using System.Net;
using Relay.Dns;
using Relay.Replies;
using Relay.Routing;
using Relay.Status;

namespace Relay.Transport;

/// <summary>
/// By SMTP to the hosts of the route, in their order. A smarthost that cannot be found is a fault of our configuration or
/// of our DNS and says nothing of the recipients: the mail waits.
/// </summary>
internal sealed class SmarthostTransport(IDnsResolver dns, SmtpSender sender) : ITransport
{
    /// <inheritdoc/>
    public async Task<DeliveryOutcome> DeliverAsync(DeliveryRequest request, CancellationToken cancel)
    {
        using var attempt = new DeliveryAttempt(request);
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
        if (IPAddress.TryParse(host.Host, out var literal))
        {
            await sender.SendAsync(attempt, [new NextHop(host.Host, new IPEndPoint(literal, host.Port))], cancel);
            return;
        }

        var answer = await dns.AddressesAsync(host.Host, cancel);
        if (answer.Status != DnsStatus.Found)
        {
            attempt.HasFailed = true;
            attempt.NoteAll(answer.Status == DnsStatus.Temporary
                ? NotFound(Reasons.DnsTemporary, 3, $"DNS gave no answer for the smarthost {host.Host}: {answer.Detail}")
                : NotFound(Reasons.NoMailHost, 4, $"The smarthost {host.Host} has no address"));
            return;
        }

        var hops = answer.Records.Take(MxHosts.MaxAddresses).Select(a => new NextHop(host.Host, new IPEndPoint(a, host.Port)));
        await sender.SendAsync(attempt, hops.ToArray(), cancel);
    }

    private static RecipientOutcome NotFound(string reason, int detail, string text) =>
        new(OutcomeKind.Deferred, reason, null, new(ReplyCode.LocalError, 4, detail, text));
}
