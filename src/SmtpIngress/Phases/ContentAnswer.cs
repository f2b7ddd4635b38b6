using System.Runtime.CompilerServices;
using Relay.Spool;
using Relay.Telemetry;

namespace Relay.SmtpIngress.Phases;

/// <summary>What is said to content, whether it came by DATA or by BDAT, and however its reading has ended.</summary>
internal static class ContentAnswer
{
    /// <summary>Answers it; the transaction ends with it.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public static async ValueTask GiveAsync(SmtpSession session, ContentEnd end, long length)
    {
        await using var message = session.Transaction?.Message;
        session.Transaction?.Message = null;
        session.Transaction = null;
        session.State = SessionState.Ready;
        switch (end)
        {
            case ContentEnd.Complete:
                await AcceptAsync(session, message!);
                break;
            case ContentEnd.TooBig:
                session.Answer(SessionReplies.MessageTooBig);
                break;
            case ContentEnd.Endless:
                session.RefuseSession(SessionReplies.MessageTooBig);
                break;
            case ContentEnd.BareLineEnd:
                session.RefuseSession(SessionReplies.ContentLineEnd);
                break;
            default:
                IngressLog.ContentBroken(session.Context.Log, session.Id, session.Client.Address, length, end);
                session.CloseWith(end switch
                {
                    ContentEnd.TimedOut => SessionReplies.TimedOut,
                    ContentEnd.TooSlow => SessionReplies.TooSlow,
                    _ => null,
                });
                break;
        }
    }

    private static async ValueTask AcceptAsync(SmtpSession session, IncomingMessage message)
    {
        var (refusal, verdict) = await session.Checks.RunOnContentAsync(message);
        if (refusal is not null)
        {
            RelayTelemetry.Refused.Add(1, new KeyValuePair<string, object?>("code", refusal.Code));
            session.Answer(refusal);
            return;
        }

        var (accepted, reply) = await message.CompleteAsync(verdict);
        if (accepted is not null)
        {
            session.CountMessage();
        }

        session.Channel.Write(reply);

        // At once, whatever else has arrived: until the client knows, it may send the message again (RFC 1047).
        await session.Channel.FlushAsync();
    }
}
