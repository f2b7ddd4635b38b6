using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Relay.Replies;
using Relay.Telemetry;

namespace Relay.SmtpIngress;

internal static partial class IngressLog
{
    /// <summary>Octets of a command line that the log shows.</summary>
    private const int ShownLength = 256;

    [LoggerMessage(EventIds.Listening, LogLevel.Information, "SMTP listens on {Endpoint}")]
    public static partial void Listening(ILogger log, EndPoint endpoint);

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

    /// <summary>A command and its answer; control characters are shown as dots.</summary>
    public static void Command(ILogger log, string session, ReadOnlySpan<byte> line, SmtpReply reply)
    {
        if (log.IsEnabled(LogLevel.Debug))
        {
            Command(log, session, Printable(line), reply);
        }
    }

    [LoggerMessage(EventIds.Command, LogLevel.Debug, "{Session} C: {Line} S: {Reply}")]
    private static partial void Command(ILogger log, string session, string line, SmtpReply reply);

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
