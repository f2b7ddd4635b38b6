using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Addresses;
using Relay.Checks;
using Relay.Options;
using Relay.Routing;
using Relay.SmtpIngress;
using Relay.Spool;

namespace Relay.Bench.Smtp;

/// <summary>
/// The whole path of the protocol without sockets, disk and log: MAIL, RCPT, DATA and 4 KiB of content, message after message
/// on one connection. What it allocates is what a message costs beside its content.
/// </summary>
[MemoryDiagnoser]
public class SessionBenchmarks
{
    private const int Messages = 1000;
    private static readonly byte[] Content = Encoding.ASCII.GetBytes(
        string.Concat(Enumerable.Repeat(new string('x', 62) + "\r\n", 64)) + ".\r\n");

    private static readonly byte[] Mail = "MAIL FROM:<sender@example.com>\r\n"u8.ToArray();
    private static readonly byte[] Rcpt = "RCPT TO:<recipient@example.net>\r\n"u8.ToArray();
    private static readonly byte[] Data = "DATA\r\n"u8.ToArray();
    private static readonly byte[] Envelope = [.. Mail, .. Rcpt, .. Data];

    private Pipe toServer = null!;
    private Pipe toClient = null!;
    private Task session = Task.CompletedTask;

    [GlobalSetup]
    public void Connect()
    {
        var options = new RelayOptions { HostName = "relay.test", Data = "" };
        options = options with { Smtp = options.Smtp with { MaxMessagesPerSession = int.MaxValue } };
        var intake = new Intake(new ForgetfulSpool(), options, TimeProvider.System, NullLogger<Intake>.Instance);
        var policy = new RelayPolicy(new Router(options.Routes), new LiveDomains(options, EmptyAddressBook.Instance), options.HostName);
        var context = new SessionContext(
            options, intake, policy, new SuppressedAtDoor(new SuppressedRecipients(EmptyAddressBook.Instance, options)), CheckRunner.None, authenticator: null, selectCertificate: null, TimeProvider.System, NullLogger.Instance);

        // Whoever waits goes on at once, on the thread that wakes it: no other thread, and nothing to wait for.
        var inline = new PipeOptions(
            readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false);
        (toServer, toClient) = (new Pipe(inline), new Pipe(inline));
        var connection = new PipeConnection(toServer.Reader, toClient.Writer);
        session = new SmtpSession(connection, new Listener(options.Smtp.Listeners[0], options.Checks.Modes), context).RunAsync();
        TakeReply();
        Say("EHLO client.test\r\n"u8.ToArray());
    }

    [GlobalCleanup]
    public async Task Disconnect()
    {
        Say("QUIT\r\n"u8.ToArray());
        await toServer.Writer.CompleteAsync();
        await session;
    }

    /// <summary>A command at a time.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Messages)]
    public void OneByOne()
    {
        for (var i = 0; i < Messages; i++)
        {
            Say(Mail);
            Say(Rcpt);
            Say(Data);
            Say(Content);
        }
    }

    /// <summary>MAIL, RCPT and DATA together (RFC 2920).</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public void Pipelined()
    {
        for (var i = 0; i < Messages; i++)
        {
            Say(Envelope);
            Say(Content);
        }
    }

    private void Say(byte[] octets)
    {
        toServer.Writer.Write(octets);
        var flush = toServer.Writer.FlushAsync();
        if (!flush.IsCompletedSuccessfully)
        {
            throw new InvalidOperationException("the session does not read");
        }

        TakeReply();
    }

    private void TakeReply()
    {
        if (!toClient.Reader.TryRead(out var reply) || reply.Buffer.FirstSpan[0] is not ((byte)'2' or (byte)'3'))
        {
            throw new InvalidOperationException("the session does not answer, or refuses");
        }

        toClient.Reader.AdvanceTo(reply.Buffer.End);
    }

    private sealed class PipeConnection(PipeReader input, PipeWriter output) : ConnectionContext, IDuplexPipe
    {
        public override string ConnectionId { get; set; } = "bench";

        public override Microsoft.AspNetCore.Http.Features.IFeatureCollection Features { get; } =
            new Microsoft.AspNetCore.Http.Features.FeatureCollection();

        public override IDictionary<object, object?> Items { get; set; } = new ConnectionItems();

        public override EndPoint? RemoteEndPoint { get; set; } = new IPEndPoint(IPAddress.Loopback, 25);

        public override EndPoint? LocalEndPoint { get; set; } = new IPEndPoint(IPAddress.Loopback, 2525);

        public override IDuplexPipe Transport
        {
            get => this;
            set => throw new NotSupportedException();
        }

        public PipeReader Input => input;

        public PipeWriter Output => output;

        public override async ValueTask DisposeAsync()
        {
            // What was written last is sent, as a socket does it.
            await output.CompleteAsync();
            await input.CompleteAsync();
            await base.DisposeAsync();
        }
    }
}
