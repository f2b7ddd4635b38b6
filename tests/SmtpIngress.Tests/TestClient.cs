using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;

namespace Relay.SmtpIngress.Tests;

/// <summary>A plain TCP client that collects the server's lines while it sends. Each line waits at most half a minute, so that a hanging server fails by name.</summary>
internal sealed class TestClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Channel<string> lines = Channel.CreateUnbounded<string>();
    private CancellationTokenSource handover = new();
    private Stream stream = Stream.Null;
    private Task reading = Task.CompletedTask;

    public static async Task<TestClient> ConnectAsync(IPEndPoint endpoint)
    {
        var client = new TestClient();
        await client.socket.ConnectAsync(endpoint);
        client.stream = new NetworkStream(client.socket);
        client.reading = client.ReadAllAsync(client.handover.Token);
        return client;
    }

    /// <summary>Changes to TLS, whatever the server's certificate. What the server has said in clear must have been read.</summary>
    public async Task SecureAsync(string serverName = "relay.test", SslProtocols protocols = SslProtocols.None)
    {
        await handover.CancelAsync();
        await reading.WaitAsync(Patience);
        handover.Dispose();
        handover = new CancellationTokenSource();
        var tls = new SslStream(stream);
        stream = tls;
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = serverName,
            EnabledSslProtocols = protocols,
#pragma warning disable CA5359 // The certificate is the test's own.
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
        }).WaitAsync(Patience);
        reading = ReadAllAsync(handover.Token);
    }

    /// <summary>The certificate that the server showed.</summary>
    public X509Certificate? ServerCertificate => (stream as SslStream)?.RemoteCertificate;

    /// <summary>Sends what it can: a server that has closed already shows in what is read.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> octets)
    {
        try
        {
            await stream.WriteAsync(octets);
        }
        catch (IOException)
        {
        }
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>The next line without CRLF; null at the end of the connection.</summary>
    public async Task<string?> ReadLineAsync() =>
        await lines.Reader.WaitToReadAsync().AsTask().WaitAsync(Patience) ? await lines.Reader.ReadAsync() : null;

    /// <summary>Sends one command and gives the last line of its reply.</summary>
    public async Task<string?> SayAsync(string command)
    {
        await SendAsync(command + "\r\n");
        return await ReadReplyAsync();
    }

    /// <summary>The last line of the next reply; null at the end of the connection.</summary>
    public async Task<string?> ReadReplyAsync()
    {
        string? line;
        do
        {
            line = await ReadLineAsync();
        }
        while (line is { Length: > 3 } && line[3] == '-');
        return line;
    }

    /// <summary>Greets, names sender and recipient, and stands inside DATA.</summary>
    public async Task BeginDataAsync()
    {
        Assert.StartsWith("220 ", await ReadReplyAsync());
        Assert.StartsWith("250 ", await SayAsync("EHLO client.test"));
        Assert.StartsWith("250 ", await SayAsync("MAIL FROM:<a@client.test>"));
        Assert.StartsWith("250 ", await SayAsync("RCPT TO:<b@example.test>"));
        Assert.StartsWith("354 ", await SayAsync("DATA"));
    }

    /// <summary>Says that nothing more will be sent.</summary>
    public void EndSending()
    {
        try
        {
            (stream as SslStream)?.ShutdownAsync().GetAwaiter().GetResult();
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
        }
    }

    /// <summary>Ends the connection as a crash would: with a reset.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        socket.Dispose();
        await reading;
        handover.Dispose();
    }

    private async Task ReadAllAsync(CancellationToken untilTls)
    {
        var buffer = new byte[4096];
        var pending = new MemoryStream();
        try
        {
            for (var count = await stream.ReadAsync(buffer, untilTls); count > 0; count = await stream.ReadAsync(buffer, untilTls))
            {
                pending.Write(buffer, 0, count);
                TakeLines(pending);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
        }
        catch (OperationCanceledException)
        {
            // TLS takes over.
            Assert.Equal(0, pending.Length);
            return;
        }

        if (pending.Length > 0)
        {
            lines.Writer.TryWrite($"(incomplete) {Encoding.UTF8.GetString(pending.ToArray())}");
        }

        lines.Writer.Complete();
    }

    private void TakeLines(MemoryStream pending)
    {
        var text = pending.ToArray().AsSpan();
        for (var end = text.IndexOf("\r\n"u8); end >= 0; end = text.IndexOf("\r\n"u8))
        {
            lines.Writer.TryWrite(Encoding.UTF8.GetString(text[..end]));
            text = text[(end + 2)..];
        }

        var rest = text.ToArray();
        pending.SetLength(0);
        pending.Write(rest);
    }
}
