using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Relay.Load;

/// <summary>
/// One SMTP connection. Like smtp-source it sends a command only when the last one was answered, and the content in one
/// write, so that both clients ask the same of a server.
/// </summary>
internal sealed class Connection : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] buffer = new byte[4096];
    private readonly Commands commands;
    private readonly CancellationToken cancel;
    private Stream stream = Stream.Null;

    private Connection(Commands commands, CancellationToken cancel)
    {
        this.commands = commands;
        this.cancel = cancel;
    }

    /// <summary>Connects and says all that comes before the first message.</summary>
    public static async Task<Connection> OpenAsync(LoadOptions options, Commands commands, CancellationToken cancel)
    {
        var connection = new Connection(commands, cancel);
        try
        {
            await connection.GreetAsync(options);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Sends one message.</summary>
    public async Task SendAsync()
    {
        await SayAsync(commands.Mail, "250");
        await SayAsync(commands.Rcpt, "250");
        await SayAsync(Commands.Data, "354");
        await SayAsync(commands.Content, "250");
    }

    /// <summary>Takes leave.</summary>
    public Task QuitAsync() => SayAsync(Commands.Quit, "221");

    /// <inheritdoc/>
    public void Dispose()
    {
        stream.Dispose();
        socket.Dispose();
    }

    private async Task GreetAsync(LoadOptions options)
    {
        await socket.ConnectAsync(IPAddress.Loopback, options.Port, cancel);
        stream = new NetworkStream(socket, ownsSocket: false);
        if (options.Tls == TlsMode.Implicit)
        {
            await StartTlsAsync(options.Resume);
        }

        await ExpectAsync("220");
        await SayAsync(Commands.Ehlo, "250");
        if (options.Tls == TlsMode.StartTls)
        {
            await SayAsync(Commands.StartTls, "220");
            await StartTlsAsync(options.Resume);
            await SayAsync(Commands.Ehlo, "250");
        }

        if (commands.Auth is { } auth)
        {
            await SayAsync(auth, "235");
        }
    }

    private async Task StartTlsAsync(bool resume)
    {
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        stream = tls;
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            AllowTlsResume = resume,
            // The server is on loopback and its certificate was made for this load: there is nobody to tell apart.
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
        }, cancel);
    }

    private async Task SayAsync(byte[] octets, string code)
    {
        await stream.WriteAsync(octets, cancel);
        await ExpectAsync(code);
    }

    /// <summary>Reads a reply to its last line (RFC 5321 §4.2.1). Nothing may follow it: no command was sent ahead.</summary>
    private async Task ExpectAsync(string code)
    {
        var used = 0;
        while (true)
        {
            var read = used == buffer.Length ? 0 : await stream.ReadAsync(buffer.AsMemory(used), cancel);
            if (read == 0)
            {
                throw new IOException($"the server closed, or its reply is endless, where {code} should come: {Shown(used)}");
            }

            used += read;
            if (IsWhole(buffer.AsSpan(0, used)))
            {
                break;
            }
        }

        if (!Shown(used).StartsWith(code, StringComparison.Ordinal))
        {
            throw new IOException($"not {code}: {Shown(used)}");
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> reply)
    {
        if (!reply.EndsWith("\r\n"u8))
        {
            return false;
        }

        var last = reply[(reply[..^2].LastIndexOf((byte)'\n') + 1)..];
        return last.Length > 3 && last[3] != '-';
    }

    private string Shown(int used) => Encoding.Latin1.GetString(buffer, 0, used).TrimEnd();
}
