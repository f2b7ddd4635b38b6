using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Relay.Checks;
using Relay.Mail;
using Relay.Options;
using Relay.Replies;
using Relay.SmtpIngress.Grammar;
using Relay.SmtpIngress.Phases;
using Relay.Telemetry;

namespace Relay.SmtpIngress;

internal static partial class IngressLog
{
    /// <summary>Octets of a command line that the log shows.</summary>
    private const int ShownLength = 256;

    [LoggerMessage(EventIds.Listening, LogLevel.Information, "SMTP listens on {Endpoint}, {Role}, TLS {Tls}")]
    public static partial void Listening(ILogger log, EndPoint endpoint, ListenerRole role, ListenerTls tls);

    [LoggerMessage(EventIds.SessionOpened, LogLevel.Debug, "{Session} opened by {Client}, trusted={IsTrusted}")]
    public static partial void SessionOpened(ILogger log, string session, IPAddress? client, bool isTrusted);

    [LoggerMessage(EventIds.SessionClosed, LogLevel.Debug, "{Session} closed")]
    public static partial void SessionClosed(ILogger log, string session);

    [LoggerMessage(EventIds.CommandRefused, LogLevel.Information, "{Session} refused {Client}: {Reply}")]
    public static partial void Refused(ILogger log, string session, IPAddress? client, SmtpReply reply);

    [LoggerMessage(EventIds.SessionFailed, LogLevel.Error, "{Session} failed in state {State}")]
    public static partial void SessionFailed(ILogger log, Exception exception, string session, SessionState state);

    [LoggerMessage(EventIds.ConnectionLost, LogLevel.Debug, "{Session} lost its connection in state {State}: {Cause}")]
    public static partial void ConnectionLost(ILogger log, string session, SessionState state, string cause);

    [LoggerMessage(EventIds.ContentBroken, LogLevel.Information,
        "{Session} from {Client} ended inside a message after {Length} octets ({End}): nothing was accepted")]
    public static partial void ContentBroken(ILogger log, string session, IPAddress? client, long length, ContentEnd end);

    [LoggerMessage(EventIds.TurnedAway, LogLevel.Warning, "Turned away {Client}: {MaxSessions} sessions are open (Smtp:MaxSessions)")]
    public static partial void TurnedAway(ILogger log, EndPoint? client, int maxSessions);

    [LoggerMessage(EventIds.SpoolFailed, LogLevel.Error, "{Session} cannot begin a message, the spool failed: {Cause}")]
    public static partial void SpoolFailed(ILogger log, Exception exception, string session, string cause);

    [LoggerMessage(EventIds.TlsFailed, LogLevel.Information, "{Session} from {Client}: the TLS handshake failed: {Cause}")]
    public static partial void TlsFailed(ILogger log, string session, IPAddress? client, string cause);

    [LoggerMessage(EventIds.BadProxyHeader, LogLevel.Warning,
        "{Session} from {Peer}: no valid PROXY header came, and one is expected from there (Smtp:Listeners:*:Proxy)")]
    public static partial void BadProxyHeader(ILogger log, string session, IPAddress? peer);

    [LoggerMessage(EventIds.Xclient, LogLevel.Information, "{Session} from {Peer} speaks for {Client}, signed in as {Account}")]
    public static partial void Xclient(ILogger log, string session, IPAddress? peer, IPAddress? client, string? account);

    [LoggerMessage(EventIds.CheckRefused, LogLevel.Information,
        "{Session} refused {Client} at {Stage} by {Check}: {Reason}: {Cause}")]
    public static partial void CheckRefused(
        ILogger log, string session, IPAddress? client, CheckStage stage, CheckName check, string? reason, string? cause);

    [LoggerMessage(EventIds.SuppressedRefused, LogLevel.Information, "{Session} refused <{Recipient}>: {Why}")]
    public static partial void SuppressedRefused(ILogger log, string session, Mailbox recipient, string why);

    [LoggerMessage(EventIds.AddressBookFailed, LogLevel.Error, "{Session} cannot tell whether to take a recipient, the address book failed: {Cause}")]
    public static partial void AddressBookFailed(ILogger log, Exception exception, string session, string cause);

    /// <summary>
    /// A command and its answer, where it has one already; control characters are shown as dots, and secrets not at all. What
    /// is no command may be one: the password of a client that went on after its AUTH was refused.
    /// </summary>
    public static void Command(ILogger log, string session, Verb verb, ReadOnlySpan<byte> line, SmtpReply? reply)
    {
        if (log.IsEnabled(LogLevel.Debug))
        {
            Command(log, session, Shown(verb, line), reply?.ToString() ?? "...");
        }
    }

    [LoggerMessage(EventIds.Command, LogLevel.Debug, "{Session} C: {Line} S: {Reply}")]
    private static partial void Command(ILogger log, string session, string line, string reply);

    private static string Shown(Verb verb, ReadOnlySpan<byte> line) => verb switch
    {
        Verb.Auth => "AUTH ...",
        Verb.Unknown => $"({line.Length} octets that are no command)",
        _ => Printable(line),
    };

    private static string Printable(ReadOnlySpan<byte> line)
    {
        var text = Encoding.UTF8.GetString(line[..Math.Min(line.Length, ShownLength)]).ToCharArray();
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = char.IsControl(text[i]) ? '.' : text[i];
        }

        return new string(text);
    }
}
