using Relay.Replies;
using Relay.SmtpIngress.Commands;
using Relay.SmtpIngress.Grammar;
using static Relay.SmtpIngress.SessionState;

namespace Relay.SmtpIngress;

/// <summary>
/// Does what a command asks for and gives the reply; null when the phase that it opens will answer. It leaves the session's
/// state to the table.
/// </summary>
internal delegate SmtpReply? Command(SmtpSession session, ReadOnlySpan<byte> argument);

/// <summary>
/// The protocol (RFC 5321 §4.1.4): which command may come when, who serves it, and where the session stands when it was
/// answered 2xx or 3xx, or not yet; after any other answer it stands where it stood. <c>No</c> is a 503.
/// </summary>
internal static class TransitionTable
{
    private static SessionState? No => null;

#pragma warning disable format // It is a table.
    private static readonly Dictionary<Verb, Row> Rows = new()
    {
        //              in state:             Fresh    Ready           Sender      Recipients  Chunks
        [Verb.Helo]     = new(HeloCommand.Run,     Ready,   Ready,          Ready,      Ready,      Ready),
        [Verb.Ehlo]     = new(EhloCommand.Run,     Ready,   Ready,          Ready,      Ready,      Ready),
        [Verb.StartTls] = new(StartTlsCommand.Run, No,      StartTls,       No,         No,         No),
        [Verb.Auth]     = new(AuthCommand.Run,     No,      Authentication, No,         No,         No),
        [Verb.Xclient]  = new(XclientCommand.Run,  Xclient, Xclient,        No,         No,         No),
        [Verb.Mail]     = new(MailCommand.Run,     No,      Sender,         No,         No,         No),
        [Verb.Rcpt]     = new(RcptCommand.Run,     No,      No,             Recipients, Recipients, No),
        [Verb.Data]     = new(DataCommand.Run,     No,      No,             No,         Data,       No),
        [Verb.Bdat]     = new(BdatCommand.Run,     Chunk,   Chunk,          Chunk,      Chunk,      Chunk),
        [Verb.Rset]     = new(RsetCommand.Run,     Fresh,   Ready,          Ready,      Ready,      Ready),
        [Verb.Noop]     = new(NoopCommand.Run,     Fresh,   Ready,          Sender,     Recipients, Chunks),
        [Verb.Vrfy]     = new(VrfyCommand.Run,     Fresh,   Ready,          Sender,     Recipients, Chunks),
        [Verb.Expn]     = new(ExpnCommand.Run,     Fresh,   Ready,          Sender,     Recipients, Chunks),
        [Verb.Help]     = new(HelpCommand.Run,     Fresh,   Ready,          Sender,     Recipients, Chunks),
        [Verb.Quit]     = new(QuitCommand.Run,     Closed,  Closed,         Closed,     Closed,     Closed),
    };
#pragma warning restore format

    /// <summary>Runs one command.</summary>
    public static SmtpReply? Run(SmtpSession session, CommandLine command)
    {
        if (!Rows.TryGetValue(command.Verb, out var row))
        {
            return SessionReplies.UnknownCommand;
        }

        if (row.Next(session.State) is not { } next)
        {
            return OutOfOrder(session.State, command.Verb);
        }

        var reply = row.Command(session, command.Argument);
        if (reply is null or { IsPositive: true } or { IsIntermediate: true })
        {
            session.State = next;
        }

        return reply;
    }

    /// <summary>What to say to a command that may not come in this state.</summary>
    public static SmtpReply OutOfOrder(SessionState state, Verb verb) => state switch
    {
        Fresh => SessionReplies.HeloFirst,
        Ready => SessionReplies.MailFirst,
        Sender when verb is Verb.Data or Verb.Bdat => SessionReplies.RcptFirst,
        Chunks => SessionReplies.LastChunkFirst,
        _ => SessionReplies.NestedMail,
    };

    private sealed record Row(
        Command Command, SessionState? Fresh, SessionState? Ready, SessionState? Sender, SessionState? Recipients, SessionState? Chunks)
    {
        public SessionState? Next(SessionState state) => state switch
        {
            SessionState.Fresh => Fresh,
            SessionState.Ready => Ready,
            SessionState.Sender => Sender,
            SessionState.Recipients => Recipients,
            SessionState.Chunks => Chunks,
            _ => null,
        };
    }
}
