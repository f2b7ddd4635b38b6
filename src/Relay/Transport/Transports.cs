using System.Net;
using Azure.Core;
using Microsoft.Extensions.Logging;
using Relay.Dns;
using Relay.Mail;
using Relay.Options;
using Relay.Routing;
using Relay.Transport.FinalDelivery;
using Relay.Transport.Login;
using Relay.Transport.MxSecurity;
using Relay.Transport.Webhook;

namespace Relay.Transport;

/// <summary>The transport of each kind of route. They share one SMTP client and its kept connections; disposing closes these.</summary>
public sealed class Transports : IAsyncDisposable
{
    private readonly SmtpConnectionPool pool;
    private readonly WebhookTransport webhook;
    private readonly Dictionary<RouteKind, ITransport> byKind;
    private readonly MxGuard? ownGuard;

    /// <summary>Composes them.</summary>
    /// <param name="options">The host name, the time that connections are kept, and where this relay listens.</param>
    /// <param name="dns">Finds mail hosts and smarthosts.</param>
    /// <param name="time">The clock of all time-outs.</param>
    /// <param name="random">Mixes hosts of equal preference. It may be one that is not safe for threads, if nobody else uses it.</param>
    /// <param name="logs">Makes the loggers.</param>
    /// <param name="listeners">Where this relay takes mail, if not where the options say; mail is never sent there (RFC 5321 §5.1).</param>
    /// <param name="guard">What mx routes heed about TLS; null for one that forgets all when this is disposed of.</param>
    public Transports(
        RelayOptions options, IDnsResolver dns, TimeProvider time, Random random, ILoggerFactory logs,
        IEnumerable<IPEndPoint>? listeners = null, MxGuard? guard = null)
        : this(
            options, dns, random, logs, listeners,
            new SmtpClientSettings(DomainName.TryToAscii(options.HostName, out var name) ? name : options.HostName, time), guard: guard)
    {
    }

    internal Transports(
        RelayOptions options, IDnsResolver dns, Random random, ILoggerFactory logs, IEnumerable<IPEndPoint>? listeners,
        SmtpClientSettings settings, TokenCredential? credential = null, MxGuard? guard = null)
    {
        guard ??= ownGuard = new MxGuard(options, dns, null, null, settings.Time, logs);
        pool = new SmtpConnectionPool(options.Delivery.ConnectionIdle, settings.Time);
        var sender = new SmtpSender(settings, pool, logs.CreateLogger<SmtpSender>());
        webhook = new WebhookTransport(dns, settings.Time, logs.CreateLogger<WebhookTransport>());
        var mxHosts = MxHosts.Of(options, random, listeners);
        byKind = new()
        {
            [RouteKind.Capture] = new CaptureTransport(),
            [RouteKind.Discard] = new DiscardTransport(),
            [RouteKind.Smarthost] = new SmarthostTransport(dns, sender, new Logins(credential), random, settings.Time),
            [RouteKind.Mailbox] = new MailboxTransport(settings.HeloName, settings.Time, logs.CreateLogger<MailboxTransport>()),
            [RouteKind.Webhook] = webhook,
            [RouteKind.Reject] = new RejectTransport(),
            [RouteKind.Mx] = new MxTransport(new MxPlanner(dns, mxHosts), guard, sender),
        };
    }

    internal SmtpConnectionPool Pool => pool;

    /// <summary>The transport of a kind of route.</summary>
    public ITransport For(RouteKind kind) => byKind[kind];

    /// <summary>Adds the transport of a kind that needs more than the network.</summary>
    public void Add(RouteKind kind, ITransport transport) => byKind.Add(kind, transport);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        webhook.Dispose();
        if (ownGuard is not null)
        {
            await ownGuard.DisposeAsync();
        }

        await pool.DisposeAsync();
    }
}
