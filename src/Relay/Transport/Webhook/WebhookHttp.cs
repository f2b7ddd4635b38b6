using System.Net;
using System.Net.Sockets;
using Relay.Dns;

namespace Relay.Transport.Webhook;

/// <summary>
/// HTTP clients that go where a route says and nowhere else: no redirect, no proxy, no cookie; and unless the route allows it only to
/// addresses of the public internet, judged where the connection is made, so that no later answer of DNS gets round it.
/// </summary>
internal static class WebhookHttp
{
    private const int MaxConnections = 100;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    public static HttpClient Create(IDnsResolver dns, bool allowPrivate) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        MaxConnectionsPerServer = MaxConnections,
        ConnectTimeout = ConnectTimeout,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectCallback = (context, cancel) => ConnectAsync(dns, context.DnsEndPoint, allowPrivate, cancel),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private static async ValueTask<Stream> ConnectAsync(IDnsResolver dns, DnsEndPoint host, bool allowPrivate, CancellationToken cancel)
    {
        var addresses = await AddressesAsync(dns, host.Host, cancel);
        var allowed = addresses.Where(address => allowPrivate || PublicAddress.Is(address)).ToArray();
        if (allowed.Length == 0)
        {
            throw addresses.Count > 0
                ? new ForbiddenAddressException($"{host.Host} is {addresses[0]}, which is not of the public internet")
                : new HttpRequestException($"{host.Host} has no address");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, host.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<IReadOnlyList<IPAddress>> AddressesAsync(IDnsResolver dns, string host, CancellationToken cancel) =>
        IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? [literal]
        : host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? [IPAddress.Loopback]
        : (await dns.AddressesAsync(host, cancel)).Records;
}

/// <summary>The URL leads where it must not.</summary>
internal sealed class ForbiddenAddressException(string message) : HttpRequestException(message);
