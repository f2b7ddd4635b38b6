using Relay.Options;
using Relay.Replies;
using Relay.SmtpIngress.Auth;

namespace Relay.SmtpIngress;

/// <summary>The replies to EHLO (RFC 5321 §4.1.1.1): what is offered here is honoured. Each is written once.</summary>
internal sealed class EhloReplies(RelayOptions options, SaslMechanisms? sasl)
{
    private readonly SmtpReply?[] replies = new SmtpReply?[1 << 4];

    /// <summary>The reply to this client, as it stands now.</summary>
    public SmtpReply For(SmtpSession session)
    {
        var startTls = session.Listener.Tls == ListenerTls.StartTls && session.Client.Tls is null;
        var isSecure = session.Client.Tls is not null;
        var index = (startTls ? 1 : 0) | (isSecure ? 2 : 0) | (session.OffersAuth ? 4 : 0) | (session.MayXclient ? 8 : 0);
        return replies[index] ??= Write(startTls, isSecure, session.OffersAuth, session.MayXclient);
    }

    private SmtpReply Write(bool startTls, bool isSecure, bool auth, bool xclient)
    {
        List<string> lines =
        [
            options.HostName,
            "PIPELINING",
            $"SIZE {options.Smtp.MaxMessageSize}",
            "8BITMIME",
            "SMTPUTF8",
            "CHUNKING",
            "BINARYMIME",
            "DSN",
            "ENHANCEDSTATUSCODES",
            $"LIMITS MAILMAX={options.Smtp.MaxMessagesPerSession} RCPTMAX={options.Smtp.MaxRecipients}",
        ];
        lines.AddRange(startTls ? ["STARTTLS"] : []);
        lines.AddRange(isSecure ? ["REQUIRETLS"] : []);
        lines.AddRange(auth ? [$"AUTH {string.Join(' ', sasl!.Offered)}"] : []);
        lines.AddRange(xclient ? ["XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT"] : []);
        return new SmtpReply(ReplyCode.Ok, null, string.Join('\n', lines));
    }
}
