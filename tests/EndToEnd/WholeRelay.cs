using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Cli.Serve;
using Relay.Mail;
using Relay.Options;
using Relay.Routing;
using Relay.Spool.Embedded;
using Relay.Status;

namespace Relay.EndToEnd;

/// <summary>A whole relay as <c>relay serve</c> composes it, on free ports, with real time and a data folder of its own.</summary>
internal sealed class WholeRelay : IAsyncDisposable
{
    private readonly Estate estate;
    private readonly string folder;
    private readonly bool ownsFolder;

    private WholeRelay(Estate estate, string folder, bool ownsFolder)
    {
        this.estate = estate;
        this.folder = folder;
        this.ownsFolder = ownsFolder;
    }

    public int SmtpPort => PortOf(0);

    public static async Task<WholeRelay> StartAsync(Func<RelayOptions, RelayOptions> configure, string? data = null)
    {
        var folder = data ?? Directory.CreateTempSubdirectory("relay-whole-").FullName;
        var options = configure(new RelayOptions
        {
            HostName = "relay.test",
            Data = folder,
            Smtp = new SmtpOptions { Listeners = [new ListenerOptions { Address = new IPEndPoint(IPAddress.Loopback, 0) }] },
            Http = new HttpOptions { Listener = new IPEndPoint(IPAddress.Loopback, 0) },
            Retry = new RetryOptions { Delays = [TimeSpan.FromMilliseconds(20)], Jitter = 0 },
        });
        var estate = await Estate.StartAsync(options, NullLoggerFactory.Instance, TimeProvider.System, new Random(1), default);
        return new WholeRelay(estate, folder, ownsFolder: data is null);
    }

    public static Route Smarthost(int port) => new()
    {
        Name = "sink",
        Kind = RouteKind.Smarthost,
        Recipients = ["*"],
        Hosts = [new HostPort("127.0.0.1", port)],
    };

    /// <summary>The real port of a listener.</summary>
    public int PortOf(int listener) => estate.SmtpEndpoints[listener].Port;

    /// <summary>Hands in a message by a plain dialog; the content must have CRLF line ends. Gives the reply to the final dot.</summary>
    public async Task<string> SubmitAsync(byte[] content, string from, params string[] to)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, SmtpPort);
        await using var stream = client.GetStream();
        using var replies = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
        await ReplyAsync(replies);
        await SayAsync(stream, replies, "EHLO client.test");
        await SayAsync(stream, replies, $"MAIL FROM:<{from}> BODY=8BITMIME");
        foreach (var recipient in to)
        {
            await SayAsync(stream, replies, $"RCPT TO:<{recipient}>");
        }

        await SayAsync(stream, replies, "DATA");
        var stuffed = Encoding.Latin1.GetString(content).Replace("\r\n.", "\r\n..");
        await stream.WriteAsync(Encoding.Latin1.GetBytes((stuffed.StartsWith('.') ? "." : "") + stuffed));
        return await SayAsync(stream, replies, ".");
    }

    /// <summary>The reply to one recipient of a message that is not sent.</summary>
    public async Task<string> RcptAsync(string to)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, SmtpPort);
        await using var stream = client.GetStream();
        using var replies = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
        await ReplyAsync(replies);
        await SayAsync(stream, replies, "EHLO client.test");
        await SayAsync(stream, replies, "MAIL FROM:<a@client.test>");
        var reply = await SayAsync(stream, replies, $"RCPT TO:<{to}>");
        await SayAsync(stream, replies, "QUIT");
        return reply;
    }

    public async Task<MessageId> AcceptAsync(byte[] content, string from, params string[] to)
    {
        var reply = await SubmitAsync(content, from, to);
        Assert.StartsWith("250 2.0.0 Accepted ", reply);
        Assert.True(MessageId.TryParse(reply.Split(' ')[^1], out var id));
        return id;
    }

    /// <summary>The status once it is as wanted. It is read from the data folder, beside the running relay, as the command line does.</summary>
    public async Task<MessageStatus> StatusAsync(MessageId id, Func<MessageStatus, bool> wanted)
    {
        await using var reader = EmbeddedStatusReader.Open(folder);
        while (true)
        {
            if (await reader.StatusAsync(id, default) is { } status && wanted(status))
            {
                return status;
            }

            await Task.Yield();
        }
    }

    public Task<MessageStatus> FinalAsync(MessageId id) =>
        StatusAsync(id, status => status.Recipients.All(r => r.State.IsFinal()));

    public async Task<StatusPage> SearchAsync(StatusQuery query)
    {
        await using var reader = EmbeddedStatusReader.Open(folder);
        return await reader.SearchAsync(query, default);
    }

    public async Task<byte[]> ContentAsync(MessageId id)
    {
        await using var reader = EmbeddedStatusReader.Open(folder);
        await using var content = (await reader.OpenContentAsync(id, default))!;
        var octets = new byte[content.Length];
        await content.ReadExactlyAsync(octets);
        return octets;
    }

    public async ValueTask DisposeAsync()
    {
        await estate.DrainAsync();
        if (ownsFolder)
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> SayAsync(NetworkStream stream, StreamReader replies, string command)
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(command + "\r\n"));
        return await ReplyAsync(replies);
    }

    private static async Task<string> ReplyAsync(StreamReader replies)
    {
        while (await replies.ReadLineAsync() is { } line)
        {
            if (line.Length < 4 || line[3] != '-')
            {
                return line;
            }
        }

        throw new IOException("the relay closed the connection");
    }
}
