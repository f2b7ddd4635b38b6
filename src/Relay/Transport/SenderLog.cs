using Microsoft.Extensions.Logging;
using Relay.Mail;
using Relay.Replies;
using Relay.Telemetry;

namespace Relay.Transport;

internal static partial class SenderLog
{
    [LoggerMessage(EventIds.TlsFellBack, LogLevel.Warning, "{MessageId} goes to {Host} in clear, TLS failed: {Reply}")]
    public static partial void TlsFellBack(ILogger log, MessageId messageId, NextHop host, SmtpReply reply);

    [LoggerMessage(EventIds.NextHopFailed, LogLevel.Information, "{MessageId} not taken by {Host}: {Reason}: {Reply}")]
    public static partial void NextHopFailed(ILogger log, MessageId messageId, NextHop host, string reason, SmtpReply reply);

    [LoggerMessage(EventIds.LoginFailed, LogLevel.Error, "{MessageId} waits: {Host} does not let us sign in: {Reply}")]
    public static partial void LoginFailed(ILogger log, MessageId messageId, NextHop host, SmtpReply reply);

    [LoggerMessage(EventIds.AttemptCutShort, LogLevel.Warning, "{MessageId}: the attempt at {Host} was cut short")]
    public static partial void AttemptCutShort(ILogger log, Exception exception, MessageId messageId, NextHop host);
}
