using Microsoft.Extensions.Logging;
using Relay.Options;
using Relay.Replies;
using Relay.Spool;

namespace Relay.SmtpIngress;

/// <summary>What all sessions of a server share.</summary>
internal sealed class SessionContext(
    RelayOptions options, Intake intake, IRelayPolicy policy, TimeProvider time, ILogger log)
{
    private volatile bool isDraining;

    public string HostName => options.HostName;

    public SmtpOptions Smtp => options.Smtp;

    public Intake Intake => intake;

    public IRelayPolicy Policy => policy;

    public TimeProvider Time => time;

    public ILogger Log => log;

    public TrustedNetworks TrustedNetworks { get; } = new(options.Smtp.TrustedNetworks);

    public SessionId SessionIds { get; } = new(time);

    public SmtpReply Greeting { get; } = SessionReplies.Greeting(options);

    public SmtpReply HeloReply { get; } = SessionReplies.Helo(options);

    public SmtpReply EhloReply { get; } = SessionReplies.Ehlo(options);

    /// <summary>True once the server stops: sessions begin nothing new.</summary>
    public bool IsDraining
    {
        get => isDraining;
        set => isDraining = value;
    }
}
