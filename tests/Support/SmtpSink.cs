using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Relay.Support;

/// <summary>
/// Postfix' smtp-sink: a real SMTP server that nobody here wrote, on a free loopback port. It writes each message to a file,
/// so that what arrived can be compared octet by octet.
/// </summary>
public sealed class SmtpSink : IAsyncDisposable
{
    private readonly Process process;
    private readonly string folder;

    private SmtpSink(Process process, string folder, int port)
    {
        this.process = process;
        this.folder = folder;
        Port = port;
    }

    public int Port { get; }

    /// <summary>Starts it; skips the test where it is not installed (and fails it under CI, which installs it).</summary>
    /// <param name="options">Further options, such as <c>-8</c> for no 8BITMIME or <c>-p</c> for no PIPELINING.</param>
    public static async Task<SmtpSink> StartAsync(params string[] options)
    {
        var program = Needs.Program("smtp-sink", "Debian's package postfix");
        for (var attempt = 0; ; attempt++)
        {
            var folder = Directory.CreateTempSubdirectory("relay-sink-").FullName;
            if (!OperatingSystem.IsWindows())
            {
                // It gives up root, and must still be able to write.
                File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
            }

            var port = FreePort();
            string[] user = Environment.IsPrivilegedProcess ? ["-u", "nobody"] : [];
            var process = Process.Start(new ProcessStartInfo(
                program, [.. user, "-d", $"{folder}/m.", .. options, $"127.0.0.1:{port}", "128"])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            })!;
            var sink = new SmtpSink(process, folder, port);
            if (await sink.IsReadyAsync())
            {
                return sink;
            }

            var why = await process.StandardError.ReadToEndAsync();
            await sink.DisposeAsync();
            if (attempt == 5)
            {
                throw new InvalidOperationException($"smtp-sink does not start: {why}");
            }
        }
    }

    /// <summary>The messages that came in, without what smtp-sink puts around them, with CRLF line ends.</summary>
    public IReadOnlyList<SunkMessage> Messages() =>
        Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(file => SunkMessage.Parse(File.ReadAllBytes(file))).ToArray();

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>It says nothing when it is ready: knock until it opens, or is gone.</summary>
    private async Task<bool> IsReadyAsync()
    {
        while (!process.HasExited)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, Port);
                return true;
            }
            catch (SocketException)
            {
                await Task.Yield();
            }
        }

        return false;
    }

    private static int FreePort()
    {
        var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        return port;
    }
}

/// <summary>A message as smtp-sink wrote it down.</summary>
/// <param name="MailFrom">The argument of MAIL FROM, as it came.</param>
/// <param name="RcptTo">The arguments of RCPT TO.</param>
/// <param name="Protocol">SMTP or ESMTP.</param>
/// <param name="Content">The content with CRLF line ends.</param>
public sealed record SunkMessage(string MailFrom, IReadOnlyList<string> RcptTo, string Protocol, byte[] Content)
{
    /// <summary>Reads a dump: <c>X-</c> lines, a <c>Received:</c> of three lines, the content with LF line ends, an empty line.</summary>
    internal static SunkMessage Parse(byte[] dump)
    {
        var lines = Encoding.Latin1.GetString(dump).Split('\n');
        var head = lines.TakeWhile(line => line.StartsWith("X-", StringComparison.Ordinal)).ToArray();
        var content = lines[(head.Length + 3)..^2];
        return new(
            Field(head, "X-Mail-Args").Single(), Field(head, "X-Rcpt-Args"), Field(head, "X-Client-Proto").Single(),
            Encoding.Latin1.GetBytes(string.Concat(content.Select(line => line + "\r\n"))));
    }

    private static string[] Field(string[] head, string name) =>
        head.Where(line => line.StartsWith(name + ": ", StringComparison.Ordinal)).Select(line => line[(name.Length + 2)..]).ToArray();
}
