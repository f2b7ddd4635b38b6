using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Dns;
using Relay.Mail;
using Relay.Options;
using Relay.Routing;

namespace Relay.Transport;

/// <summary>The transport of each kind of route. They share one SMTP client and its kept connections; disposing closes these.</summary>
public sealed class Transports : IAsyncDisposable
{
    private readonly SmtpConnectionPool pool;
    private readonly Dictionary<RouteKind, ITransport> byKind;

    /// <summary>Composes them.</summary>
    /// <param name="options">The host name, the time that connections are kept, and where this relay listens.</param>
    /// <param name="dns">Finds mail hosts and smarthosts.</param>
    /// <param name="time">The clock of all time-outs.</param>
    /// <param name="random">Mixes hosts of equal preference. It may be one that is not safe for threads, if nobody else uses it.</param>
    /// <param name="logs">Makes the loggers.</param>
    /// <param name="listeners">Where this relay takes mail, if not where the options say; mail is never sent there (RFC 5321 §5.1).</param>
    public Transports(
        RelayOptions options, IDnsResolver dns, TimeProvider time, Random random, ILoggerFactory logs,
        IEnumerable<IPEndPoint>? listeners = null)
        : this(
            options, dns, random, logs, listeners,
            new SmtpClientSettings(DomainName.TryToAscii(options.HostName, out var name) ? name : options.HostName, time))
    {
    }

    internal Transports(
        RelayOptions options, IDnsResolver dns, Random random, ILoggerFactory logs, IEnumerable<IPEndPoint>? listeners,
        SmtpClientSettings settings)
    {
        pool = new SmtpConnectionPool(options.Delivery.ConnectionIdle, settings.Time);
        var sender = new SmtpSender(settings, pool, logs.CreateLogger<SmtpSender>());
        var mxHosts = MxHosts.Of(options, random, listeners);
        byKind = new()
        {
            [RouteKind.Capture] = new CaptureTransport(),
            [RouteKind.Discard] = new DiscardTransport(),
            [RouteKind.Reject] = new RejectTransport(),
            [RouteKind.Mx] = new MxTransport(new MxPlanner(dns, mxHosts), sender),
            [RouteKind.Smarthost] = new SmarthostTransport(dns, sender),
        };
    }

    internal SmtpConnectionPool Pool => pool;

    /// <summary>The transport of a kind of route.</summary>
    public ITransport For(RouteKind kind) => byKind[kind];

    /// <summary>Adds the transport of a kind that needs more than the network.</summary>
    public void Add(RouteKind kind, ITransport transport) => byKind.Add(kind, transport);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => pool.DisposeAsync();
}
