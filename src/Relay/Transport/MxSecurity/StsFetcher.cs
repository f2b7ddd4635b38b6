using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Relay.Dns;

namespace Relay.Transport.MxSecurity;

/// <summary>Why a policy could not be had, as reports tell it (RFC 8460 §4.3.2.2).</summary>
internal enum StsFault
{
    /// <summary>The host could not be reached, or did not answer as it must.</summary>
    Fetch,

    /// <summary>What it answered is no policy.</summary>
    Invalid,

    /// <summary>Its certificate is not valid for its name.</summary>
    Certificate,
}

/// <summary>What came of a fetch: a policy, or why there is none.</summary>
internal sealed record StsFetched(StsPolicy? Policy, StsFault Fault, string Detail)
{
    public static StsFetched Of(StsPolicy policy) => new(policy, default, "");

    public static StsFetched Failed(StsFault fault, string detail) => new(null, fault, detail);
}

/// <summary>Fetches policies by HTTPS (RFC 8461 §3.3).</summary>
/// <param name="http">From <see cref="CreateHttp"/>.</param>
/// <param name="time">The clock of the time-out.</param>
internal sealed class StsFetcher(HttpClient http, TimeProvider time)
{
    /// <summary>Octets of a policy (RFC 8461 §3.3 suggests it).</summary>
    internal const int MaxPolicy = 64 * 1024;

    /// <summary>For all of a fetch (RFC 8461 §3.3 suggests it).</summary>
    internal static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Kilobytes of the header of an answer.</summary>
    private const int MaxHeader = 16;

    /// <summary>Addresses of a policy host that are tried.</summary>
    private const int MaxAddresses = 4;

    /// <summary>
    /// A client that goes to the host of the URL and nowhere else: no redirect, no proxy, no address that is not public. Strangers
    /// choose the host: whoever names a domain in a recipient.
    /// </summary>
    /// <param name="dns">Finds the host.</param>
    /// <param name="mayConnect">Null for public addresses alone.</param>
    /// <param name="port">443, unless a test says otherwise.</param>
    /// <param name="trust">Null for whom the machine trusts.</param>
    public static HttpClient CreateHttp(
        IDnsResolver dns, Func<IPAddress, bool>? mayConnect = null, int port = 443, X509ChainPolicy? trust = null) =>
        new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = MaxHeader,
            // The next fetch from the same host is a day away.
            PooledConnectionLifetime = TimeSpan.Zero,
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = trust ?? new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true },
            },
            ConnectCallback = async (context, cancel) =>
                await ConnectAsync(dns, context.DnsEndPoint.Host, mayConnect ?? PublicAddress.Is, port, cancel),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };

    /// <summary>The policy of a domain in A-labels. Never fails: what goes wrong is in the answer.</summary>
    public async Task<StsFetched> FetchAsync(string domain, CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(FetchTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        try
        {
            using var response = await http.GetAsync(
                new Uri($"https://mta-sts.{domain}/.well-known/mta-sts.txt"), HttpCompletionOption.ResponseHeadersRead, either.Token);
            return await ReadAsync(response, either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return StsFetched.Failed(StsFault.Fetch, $"mta-sts.{domain} did not answer in {FetchTimeout.TotalSeconds} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UriFormatException)
        {
            return StsFetched.Failed(
                e is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } ? StsFault.Certificate : StsFault.Fetch,
                $"mta-sts.{domain}: {e.GetBaseException().Message}");
        }
    }

    private static async Task<StsFetched> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return StsFetched.Failed(StsFault.Fetch, $"HTTP status {(int)response.StatusCode}, and it must be 200");
        }

        if (response.Content.Headers.ContentType?.MediaType is not { } type || !type.Equals("text/plain", StringComparison.OrdinalIgnoreCase))
        {
            return StsFetched.Failed(StsFault.Invalid, "the media type is not text/plain");
        }

        var text = new byte[MaxPolicy + 1];
        await using var body = await response.Content.ReadAsStreamAsync(cancel);
        var length = await body.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false, cancel);
        if (length > MaxPolicy)
        {
            return StsFetched.Failed(StsFault.Invalid, $"it has more than {MaxPolicy} octets");
        }

        return StsPolicyParser.TryParse(text.AsSpan(0, length), out var policy, out var fault)
            ? StsFetched.Of(policy)
            : StsFetched.Failed(StsFault.Invalid, fault);
    }

    private static async Task<Stream> ConnectAsync(
        IDnsResolver dns, string host, Func<IPAddress, bool> mayConnect, int port, CancellationToken cancel)
    {
        var answer = await dns.AddressesAsync(host, cancel);
        if (answer.Status != DnsStatus.Found)
        {
            throw new IOException(answer.Status == DnsStatus.Temporary ? $"DNS gave no answer: {answer.Detail}" : "it has no address");
        }

        var addresses = answer.Records.Where(address => NextHop.IsHostAddress(address) && mayConnect(address)).Take(MaxAddresses).ToArray();
        Exception failure = new IOException("it has no public address");
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception e)
            {
                socket.Dispose();
                failure = e;
                cancel.ThrowIfCancellationRequested();
            }
        }

        throw failure is SocketException ? new IOException(failure.Message, failure) : failure;
    }
}
