using System.Net;
using Relay.Dns;
using Relay.Replies;
using Relay.Routing;
using Relay.Status;

namespace Relay.Transport;

/// <summary>
/// The addresses of a smarthost in the order to try them. One that cannot be found is a fault of our configuration or of our DNS and
/// says nothing of the recipients: the mail waits.
/// </summary>
/// <param name="Hops">Empty when there is trouble.</param>
/// <param name="Trouble">Null when there are hops.</param>
internal sealed record SmarthostHops(IReadOnlyList<NextHop> Hops, RecipientOutcome? Trouble)
{
    /// <summary>Asks DNS for them, unless the host is an address.</summary>
    public static async Task<SmarthostHops> FindAsync(IDnsResolver dns, HostPort host, CancellationToken cancel)
    {
        if (IPAddress.TryParse(host.Host, out var literal))
        {
            return new([Hop(host, literal)], null);
        }

        var answer = await dns.AddressesAsync(host.Host, cancel);
        return answer.Status switch
        {
            DnsStatus.Found => new(
                [.. answer.Records.Take(MxHosts.MaxAddresses).Select(a => Hop(host, a))], null),
            DnsStatus.Temporary => NotFound(Reasons.DnsTemporary, 3, $"DNS gave no answer for the smarthost {host.Host}: {answer.Detail}"),
            _ => NotFound(Reasons.NoMailHost, 4, $"The smarthost {host.Host} has no address"),
        };
    }

    private static NextHop Hop(HostPort host, IPAddress address) =>
        new(host.Host, new IPEndPoint(address, host.Port)) { IsTlsAtOnce = host.Port == HostPort.TlsPort };

    private static SmarthostHops NotFound(string reason, int detail, string text) =>
        new([], new RecipientOutcome(OutcomeKind.Deferred, reason, null, new(ReplyCode.LocalError, 4, detail, text)));
}
