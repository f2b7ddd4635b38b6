using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Dns;
using Relay.Mail;
using Relay.Options;
using Relay.Routing;
using Relay.Support;
using Relay.Transport;
using Relay.Transport.MxSecurity;

namespace Relay.Tests.Transport;

/// <summary>The transports as a host composes them, and short ways to send a message over them.</summary>
internal sealed class Sending : IAsyncDisposable
{
    public const string HostName = "relay.example";

    /// <summary>25 octets.</summary>
    public static readonly byte[] Hello = Encoding.ASCII.GetBytes("Subject: hello\r\n\r\nworld\r\n");

    public Sending(
        TimeProvider? time = null, IDnsResolver? dns = null, TimeSpan? idle = null, SmtpClientSettings? settings = null,
        IEnumerable<IPEndPoint>? listeners = null, Azure.Core.TokenCredential? credential = null, MxGuard? guard = null)
    {
        var options = new RelayOptions
        {
            HostName = HostName,
            Data = "/nowhere",
            Delivery = new DeliveryOptions { ConnectionIdle = idle ?? TimeSpan.FromSeconds(5) },
        };
        Transports = new Transports(
            options, dns ?? new TableDns(), new Random(1), NullLoggerFactory.Instance, listeners,
            settings ?? new SmtpClientSettings(HostName, time ?? TimeProvider.System), credential, guard);
    }

    public Transports Transports { get; }

    public BodyType Body { get; set; }

    public bool SmtpUtf8 { get; set; }

    public TlsMode Tls { get; set; }

    /// <summary>What more the smarthost route has.</summary>
    public SmarthostRoute? Smarthosting { get; set; }

    public string Sender { get; set; } = "sender@example.org";

    /// <summary>What else is asked for.</summary>
    public Func<Envelope, Envelope> Asking { get; set; } = envelope => envelope;

    /// <summary>Sends to a smarthost: the hosts are tried in this order.</summary>
    public Task<DeliveryOutcome> ToAsync(IEnumerable<HostPort> hosts, byte[] content, string[] recipients, CancellationToken cancel = default) =>
        DeliverAsync(Smarthost(hosts), content, recipients, cancel);

    public Task<DeliveryOutcome> ToAsync(int port, byte[] content, params string[] recipients) =>
        ToAsync([new HostPort("127.0.0.1", port)], content, recipients);

    /// <summary>Sends <see cref="Hello"/> to one recipient, and gives its outcome.</summary>
    public async Task<RecipientOutcome> HelloAsync(params int[] ports) =>
        Assert.Single((await ToAsync(ports.Select(port => new HostPort("127.0.0.1", port)), Hello, ["one@example.com"])).Recipients);

    /// <summary>Sends over MX.</summary>
    public Task<DeliveryOutcome> ToMxAsync(int port, byte[] content, params string[] recipients) =>
        DeliverAsync(new Route { Name = "mx", Kind = RouteKind.Mx, Recipients = ["*"], Port = port, Tls = Tls }, content, recipients);

    /// <summary>Sends to a smarthost what a stream holds.</summary>
    public Task<DeliveryOutcome> DeliverAsync(int port, Stream content, params string[] recipients) =>
        DeliverAsync(Smarthost([new HostPort("127.0.0.1", port)]), content, recipients, default);

    public ValueTask DisposeAsync() => Transports.DisposeAsync();

    private Route Smarthost(IEnumerable<HostPort> hosts) =>
        new() { Name = "out", Kind = RouteKind.Smarthost, Recipients = ["*"], Hosts = [.. hosts], Tls = Tls, Smarthost = Smarthosting };

    private async Task<DeliveryOutcome> DeliverAsync(Route route, byte[] content, string[] recipients, CancellationToken cancel = default)
    {
        using var stream = new MemoryStream(content, writable: false);
        return await DeliverAsync(route, stream, recipients, cancel);
    }

    private async Task<DeliveryOutcome> DeliverAsync(Route route, Stream content, string[] recipients, CancellationToken cancel)
    {
        return await Transports.For(route.Kind).DeliverAsync(new DeliveryRequest
        {
            Message = MessageId.New(TimeProvider.System.GetUtcNow()),
            Envelope = Asking(new Envelope
            {
                ReversePath = Sender.Length == 0 ? ReversePath.Null : new ReversePath(Address(Sender)),
                Recipients = [.. recipients.Select(r => new ForwardPath(Address(r)))],
                Body = Body,
                SmtpUtf8 = SmtpUtf8,
            }),
            Route = route,
            Content = content,
        }, cancel);
    }

    private static Mailbox Address(string text)
    {
        Assert.True(Mailbox.TryParse(text, out var mailbox), text);
        return mailbox;
    }
}

internal static class OutcomeAssertions
{
    /// <summary>The kind, the reason and the codes of an outcome.</summary>
    public static void Is(this RecipientOutcome outcome, OutcomeKind kind, string reason, int code, string? enhanced = null)
    {
        var shown = $"{outcome.Kind} {outcome.Reason} {outcome.RemoteHost}: {outcome.Reply}";
        Assert.True(outcome.Kind == kind && outcome.Reason == reason && outcome.Reply.Code == code, shown);
        Assert.True(enhanced is null || outcome.Reply.Enhanced?.ToString() == enhanced, shown);
    }
}
