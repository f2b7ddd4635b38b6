using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Relay.Certificates;
using Relay.Support;

namespace Relay.Tests.Certificates;

/// <summary>A server on loopback that does TLS with a store, and sends back what it gets.</summary>
internal sealed class TlsServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Func<SslStream, CancellationToken, Task> authenticate;
    private readonly List<Task> sessions = [];
    private readonly Task accepting;

    public TlsServer(CertificateStore store)
        : this((stream, cancel) => ServerHandshake.AuthenticateAsync(stream, store.ForClient, cancel))
    {
    }

    public TlsServer(Func<SslStream, CancellationToken, Task> authenticate)
    {
        this.authenticate = authenticate;
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>A client that trusts the authority's root alone, and nothing that it was not sent.</summary>
    public async Task<TlsClient> ConnectAsync(string serverName, TestAuthority authority, SslProtocols protocols = SslProtocols.None)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, Port);
        var client = new TlsClient(socket);
        try
        {
            var policy = TestCertificate.Trusting(authority.Root);
            policy.DisableCertificateDownloads = true;
            await client.Stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = serverName,
                EnabledSslProtocols = protocols,
                CertificateChainPolicy = policy,

                // The name is looked at by the test: for one that no certificate has, the first is expected.
                RemoteCertificateValidationCallback = (_, _, _, errors) => (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == 0,
            });
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>The names of the certificate that a client gets to see.</summary>
    public async Task<IEnumerable<string>> NamesShownAsync(string serverName, TestAuthority authority)
    {
        using var client = await ConnectAsync(serverName, authority);
        return client.Names;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await accepting;
        await Task.WhenAll(sessions);
        listener.Dispose();
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                sessions.Add(EchoAsync(await listener.AcceptTcpClientAsync(stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            // The test has ended.
        }
    }

    private async Task EchoAsync(TcpClient socket)
    {
        using var _ = socket;
        await using var stream = new SslStream(socket.GetStream());
        try
        {
            await authenticate(stream, stop.Token);
            await stream.CopyToAsync(stream, stop.Token);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException)
        {
            // What the client makes of it is for the test to see. Anything else fails the test at its end.
        }
    }
}

/// <summary>A connection to it.</summary>
internal sealed class TlsClient(TcpClient socket) : IDisposable
{
    public SslStream Stream { get; } = new(socket.GetStream());

    public X509Certificate2 Certificate => (X509Certificate2)Stream.RemoteCertificate!;

    public IEnumerable<string> Names =>
        Certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames();

    public async Task<byte[]> EchoAsync(byte[] octets)
    {
        await Stream.WriteAsync(octets);
        var back = new byte[octets.Length];
        await Stream.ReadExactlyAsync(back);
        return back;
    }

    public void Dispose()
    {
        Stream.Dispose();
        socket.Dispose();
    }
}
