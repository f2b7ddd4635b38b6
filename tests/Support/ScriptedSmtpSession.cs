using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Relay.Support;

/// <summary>One connection to a <see cref="ScriptedSmtpServer"/>: what a script can say, expect and break.</summary>
public sealed class ScriptedSmtpSession : IDisposable
{
    private readonly Socket socket;
    private readonly byte[] input = new byte[64 * 1024];
    private readonly List<string> commands = [];
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Stream stream;
    private int start;
    private int end;
    private bool aborted;

    internal ScriptedSmtpSession(Socket socket)
    {
        this.socket = socket;
        socket.NoDelay = true;
        stream = new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Every line that came as a command, without its line end.</summary>
    public IReadOnlyList<string> Commands
    {
        get
        {
            lock (commands)
            {
                return [.. commands];
            }
        }
    }

    /// <summary>The content of each message as it came over the wire, from after 354 to after the final dot.</summary>
    public List<byte[]> RawContents { get; } = [];

    /// <summary>The chunk of each BDAT.</summary>
    public List<byte[]> Chunks { get; } = [];

    /// <summary>The content of each message with dot-stuffing undone and without the final dot.</summary>
    public IReadOnlyList<byte[]> Contents => RawContents.Select(Unstuff).ToArray();

    /// <summary>Reads that brought octets: at most as many as the client made writes.</summary>
    public int Reads { get; private set; }

    /// <summary>Ends with the session.</summary>
    public Task Ended => ended.Task;

    internal Exception? Fault { get; private set; }

    /// <summary>Says a line, or lines.</summary>
    public Task SayAsync(params string[] lines) => SayRawAsync(string.Concat(lines.Select(line => line + "\r\n")));

    /// <summary>Says just these octets.</summary>
    public async Task SayRawAsync(string octets)
    {
        if (octets.Length > 0)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(octets));
            await stream.FlushAsync();
        }
    }

    /// <summary>Says a line one octet at a time.</summary>
    public async Task TrickleAsync(string line)
    {
        foreach (var c in line + "\r\n")
        {
            await SayRawAsync(c.ToString());
        }
    }

    /// <summary>Reads a command, which must begin so, and answers.</summary>
    public async Task<string> ExpectAsync(string begin, params string[] reply)
    {
        var line = await ReadLineAsync() ?? throw new InvalidOperationException($"expected {begin}, and the client closed");
        lock (commands)
        {
            commands.Add(line);
        }

        if (!line.StartsWith(begin, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException($"expected {begin}, got {line}");
        }

        await SayAsync(reply);
        return line;
    }

    /// <summary>The greeting, and EHLO answered with these keywords.</summary>
    public async Task GreetAsync(params string[] keywords)
    {
        await SayAsync("220 test.example ESMTP");
        await EhloAsync(keywords);
    }

    /// <summary>EHLO answered with these keywords.</summary>
    public Task EhloAsync(params string[] keywords)
    {
        string[] lines = ["test.example", .. keywords];
        return ExpectAsync("EHLO", lines.Select((line, i) => $"250{(i == lines.Length - 1 ? ' ' : '-')}{line}").ToArray());
    }

    /// <summary>MAIL, one RCPT, DATA, the content: all taken.</summary>
    public async Task TakeMessageAsync(string reply = "250 2.0.0 taken")
    {
        await ExpectAsync("MAIL", "250 2.1.0 ok");
        await ExpectAsync("RCPT", "250 2.1.5 ok");
        await ExpectAsync("DATA", "354 go on");
        await ReadContentAsync();
        await SayAsync(reply);
    }

    /// <summary>Reads up to the final dot.</summary>
    public async Task<byte[]> ReadContentAsync()
    {
        var content = new MemoryStream();
        while (true)
        {
            while (start < end)
            {
                content.WriteByte(input[start++]);
                var all = content.GetBuffer().AsSpan(0, (int)content.Length);
                if (all.EndsWith("\r\n.\r\n"u8) || all.SequenceEqual(".\r\n"u8))
                {
                    RawContents.Add(content.ToArray());
                    return content.ToArray();
                }
            }

            if (!await FillAsync())
            {
                throw new InvalidOperationException("the client closed within the content");
            }
        }
    }

    /// <summary>Reads this many octets of the content, and leaves the rest.</summary>
    public async Task<byte[]> ReadOctetsAsync(int count)
    {
        var octets = new byte[count];
        for (var length = 0; length < count;)
        {
            if (start == end && !await FillAsync())
            {
                throw new InvalidOperationException("the client closed within the content");
            }

            var some = Math.Min(count - length, end - start);
            input.AsSpan(start, some).CopyTo(octets.AsSpan(length));
            (start, length) = (start + some, length + some);
        }

        return octets;
    }

    /// <summary>Reads BDAT, which must be the last, and its chunk; answers.</summary>
    public async Task TakeChunkAsync(string reply = "250 2.0.0 taken")
    {
        var words = (await ExpectAsync("BDAT")).Split(' ');
        if (words is not ["BDAT", var size, "LAST"])
        {
            throw new InvalidOperationException($"expected BDAT n LAST, got {string.Join(' ', words)}");
        }

        Chunks.Add(await ReadOctetsAsync(int.Parse(size, System.Globalization.CultureInfo.InvariantCulture)));
        await SayAsync(reply);
    }

    /// <summary>Answers STARTTLS and makes the handshake with this certificate.</summary>
    public async Task StartTlsAsync(X509Certificate2 certificate, string after = "", params X509Certificate2[] chain)
    {
        await ExpectAsync("STARTTLS");
        await SayRawAsync("220 go on\r\n" + after);
        await ShakeHandsAsync(certificate, chain);
    }

    /// <summary>Makes the handshake with this certificate.</summary>
    public async Task ShakeHandsAsync(X509Certificate2 certificate, params X509Certificate2[] chain)
    {
        var tls = new SslStream(stream);
        stream = tls;
        await tls.AuthenticateAsServerAsync((_, hello, _, _) =>
        {
            ServerName = hello.ServerName;
            return ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(certificate, [.. chain], offline: true),
            });
        }, null);
    }

    /// <summary>The name that the client asked for in the handshake.</summary>
    public string? ServerName { get; private set; }

    /// <summary>Expects QUIT, answers it, and waits for the end.</summary>
    public async Task QuitAsync()
    {
        await ExpectAsync("QUIT", "221 2.0.0 bye");
        await HangAsync();
    }

    /// <summary>Waits for the end; of what still comes only QUIT gets an answer.</summary>
    public Task EndAsync() => ListenAsync(answerQuit: true);

    /// <summary>Says nothing more until the client closes; what the client says is kept among the commands.</summary>
    public Task HangAsync() => ListenAsync(answerQuit: false);

    /// <summary>Closes in good order.</summary>
    public void Drop()
    {
        aborted = true;
        stream.Dispose();
    }

    /// <summary>Breaks the connection off with a reset.</summary>
    public void Reset()
    {
        aborted = true;
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    /// <summary>Ends it, wherever its script stands.</summary>
    public void Dispose()
    {
        aborted = true;
        stream.Dispose();
        socket.Dispose();
    }

    internal async Task RunAsync(Func<ScriptedSmtpSession, Task> script)
    {
        try
        {
            await script(this);
        }
        catch (Exception) when (aborted)
        {
            // The script's own doing, or the end of the test.
        }
        catch (Exception e)
        {
            Fault = e;
        }
        finally
        {
            ended.TrySetResult();
            await stream.DisposeAsync();
        }
    }

    private async Task ListenAsync(bool answerQuit)
    {
        while (await ReadLineAsync() is { } line)
        {
            lock (commands)
            {
                commands.Add(line);
            }

            if (answerQuit && line == "QUIT")
            {
                await SayAsync("221 2.0.0 bye");
            }
        }
    }

    private async Task<string?> ReadLineAsync()
    {
        var line = new MemoryStream();
        while (true)
        {
            while (start < end)
            {
                var octet = input[start++];
                if (octet == '\n')
                {
                    return Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length).TrimEnd('\r');
                }

                line.WriteByte(octet);
            }

            if (!await FillAsync())
            {
                return null;
            }
        }
    }

    private async Task<bool> FillAsync()
    {
        try
        {
            (start, end) = (0, await stream.ReadAsync(input));
            Reads += end > 0 ? 1 : 0;
            return end > 0;
        }
        catch (IOException) when (!aborted)
        {
            // The client closed the hard way.
            end = 0;
            return false;
        }
    }

    private static byte[] Unstuff(byte[] raw)
    {
        // Latin-1 maps each octet to one character and back.
        var lines = Encoding.Latin1.GetString(raw).Split("\r\n");
        return Encoding.Latin1.GetBytes(string.Concat(
            lines.TakeWhile(line => line != ".").Select(line => (line.StartsWith('.') ? line[1..] : line) + "\r\n")));
    }
}
