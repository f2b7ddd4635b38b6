using System.Buffers;
using System.Text;
using Relay.Accounts;
using Relay.Checks;
using Relay.Replies;
using Relay.SmtpIngress.Auth;
using Relay.SmtpIngress.Grammar;

namespace Relay.SmtpIngress.Phases;

/// <summary>An exchange of AUTH (RFC 4954 §4): challenges and responses over the wire, and the verdict at its end.</summary>
internal static class AuthPhase
{
    /// <summary>Stands for a line that is too long: it is refused just so.</summary>
    private static readonly byte[] NoBase64 = [0];

    /// <summary>Leads the exchange to its end and answers it.</summary>
    public static async ValueTask RunAsync(SmtpSession session)
    {
        var (name, initial) = Split(session.Argument!);
        session.Argument = null;
        session.State = SessionState.Ready;
        var attempt = new SignInAttempt(session.Id, name, session.Client.Address);
        if (await DecideAsync(session, attempt, initial) is not { } outcome)
        {
            return;
        }

        if (outcome.Delay > TimeSpan.Zero)
        {
            await Task.Delay(outcome.Delay, session.Context.Time);
        }

        session.Client.Account = outcome.Account;
        if (outcome.Account is not null)
        {
            // Where a member comes from, and by what name, is no matter.
            session.Checks.Forget(CheckStage.Connection);
        }

        session.Answer(Reply(outcome.Result, session.Id), Verb.Auth);
    }

    private static async ValueTask<SignInOutcome?> DecideAsync(SmtpSession session, SignInAttempt attempt, string? initial)
    {
        var authenticator = session.Context.Authenticator!;
        if (!session.OffersAuth)
        {
            return authenticator.Refuse(attempt, null, SignInResult.TlsRequired, "AUTH came before STARTTLS");
        }

        return session.Context.Sasl!.Create(attempt) is { } mechanism
            ? await ExchangeAsync(session, mechanism, initial)
            : authenticator.Refuse(attempt, null, SignInResult.MechanismNotOffered, null);
    }

    /// <summary>Null when the session is over, or the relay stops, before the exchange is.</summary>
    private static async ValueTask<SignInOutcome?> ExchangeAsync(SmtpSession session, ISaslMechanism mechanism, string? initial)
    {
        byte[]? response = null;
        if (initial is not null)
        {
            if (SaslWire.Initial(Encoding.ASCII.GetBytes(initial), out var octets) != SaslLine.Response)
            {
                return mechanism.Abandon("the initial response is no base64");
            }

            response = octets;
        }

        while (true)
        {
            var step = await mechanism.StepAsync(response, CancellationToken.None);
            if (step.End is { } end)
            {
                return end;
            }

            session.Channel.Write(SaslWire.Challenge(step.Challenge.Span));
            if (await ReadLineAsync(session) is not { } line)
            {
                mechanism.Abandon("the client went away");
                return null;
            }

            var kind = SaslWire.Response(line, out var octets);
            if (kind != SaslLine.Response)
            {
                return mechanism.Abandon(kind == SaslLine.Cancelled ? "cancelled by the client" : "a response is no base64, or too long");
            }

            response = octets;
        }
    }

    /// <summary>The client's next line; null when there is none, and the session has been ended or will be.</summary>
    private static async ValueTask<byte[]?> ReadLineAsync(SmtpSession session)
    {
        var lines = new LineReader();
        var deadline = session.Channel.DeadlineIn(session.Context.Smtp.IdleTimeout);
        while (!session.Context.IsDraining)
        {
            var read = await session.Channel.ReadAsync(deadline);
            var rest = read.Buffer;
            var isWhole = lines.TryRead(ref rest, out var line);
            var text = line.IsTooLong ? NoBase64 : line.Text.ToArray();
            var isRefused = isWhole && session.RefusesLineEnd(line);
            session.Channel.AdvanceTo(rest.Start, isWhole ? rest.Start : rest.End);
            if (isRefused)
            {
                session.RefuseSession(SessionReplies.CommandLineEnd);
                return null;
            }

            if (isWhole)
            {
                return text;
            }

            if (session.Channel.IsExpired || read.IsCompleted)
            {
                session.CloseWith(session.Channel.IsExpired ? SessionReplies.TimedOut : null);
                return null;
            }
        }

        return null;
    }

    private static (string Mechanism, string? Initial) Split(string argument)
    {
        var space = argument.IndexOf(' ');
        return space < 0 ? (argument, null) : (argument[..space], argument[space..].Trim(' '));
    }

    private static SmtpReply Reply(SignInResult result, string session) => result switch
    {
        SignInResult.SignedIn => SessionReplies.SignedIn,
        SignInResult.Unavailable => SessionReplies.CannotSignInNow,
        SignInResult.Malformed => SessionReplies.BadAuthExchange,
        _ => SessionReplies.AuthenticationFailed(session),
    };
}
