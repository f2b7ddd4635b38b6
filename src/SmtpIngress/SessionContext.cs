using System.Net.Security;
using Microsoft.Extensions.Logging;
using Relay.Accounts;
using Relay.Checks;
using Relay.Options;
using Relay.Replies;
using Relay.SmtpIngress.Auth;
using Relay.SmtpIngress.Limits;
using Relay.Spool;

namespace Relay.SmtpIngress;

/// <summary>What all sessions of a server share.</summary>
internal sealed class SessionContext(
    RelayOptions options, Intake intake, IRelayPolicy policy, SuppressedAtDoor suppressed, CheckRunner checks, Authenticator? authenticator,
    ServerOptionsSelectionCallback? selectCertificate, TimeProvider time, ILogger log)
{
    private volatile bool isDraining;

    public SmtpOptions Smtp => options.Smtp;

    public Intake Intake => intake;

    public IRelayPolicy Policy => policy;

    public SuppressedAtDoor Suppressed => suppressed;

    /// <summary>The name of this relay.</summary>
    public string HostName => options.HostName;

    /// <summary>What is checked, when and how far.</summary>
    public CheckOptions Checks => options.Checks;

    public CheckRunner CheckRunner => checks;

    /// <summary>Null where nobody can sign in.</summary>
    public Authenticator? Authenticator => authenticator;

    /// <summary>How clients sign in; null where nobody can.</summary>
    public SaslMechanisms? Sasl { get; } = authenticator is null ? null : new SaslMechanisms(authenticator);

    /// <summary>Null where there is no certificate, and so no listener with TLS.</summary>
    public ServerOptionsSelectionCallback? SelectCertificate => selectCertificate;

    public TimeProvider Time => time;

    public ILogger Log => log;

    public Networks TrustedNetworks { get; } = new(options.Smtp.TrustedNetworks);

    public Networks AuthWithoutTls { get; } = new(options.Smtp.AuthWithoutTls);

    public Networks XclientNetworks { get; } = new(options.Smtp.XclientNetworks);

    /// <summary>Sessions that are open now, by address.</summary>
    public SessionCounter SessionsByAddress { get; } = new();

    public ClientRates Rates { get; } = new(options.Smtp, time);

    public SessionId SessionIds { get; } = new(time);

    public SmtpReply Greeting { get; } = SessionReplies.Greeting(options);

    public SmtpReply HeloReply { get; } = SessionReplies.Helo(options);

    public EhloReplies EhloReplies => field ??= new EhloReplies(options, Sasl);

    /// <summary>Where <c>&lt;Postmaster&gt;</c> without a domain is: in the first domain of ours that is one (RFC 5321 §4.5.1).</summary>
    public string PostmasterDomain { get; } =
        options.Domains.FirstOrDefault(domain => !domain.Name.StartsWith('*'))?.Name ?? options.HostName;

    /// <summary>True once the server stops: sessions begin nothing new.</summary>
    public bool IsDraining
    {
        get => isDraining;
        set => isDraining = value;
    }
}
