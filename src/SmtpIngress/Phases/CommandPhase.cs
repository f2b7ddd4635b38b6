using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Relay.Replies;
using Relay.SmtpIngress.Grammar;

namespace Relay.SmtpIngress.Phases;

/// <summary>The commands: reads their lines and has <see cref="TransitionTable"/> run them, up to one that opens a phase.</summary>
internal sealed class CommandPhase(SmtpSession session)
{
    private readonly LineReader lines = new();
    private long deadline;
    private bool isInsideLine;

    /// <summary>No line of this session has ended in CRLF so far.</summary>
    public bool OnlyBareLineFeeds { get; private set; } = true;

    /// <summary>Runs all whole lines that have arrived, waiting for the next one when there is none.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask RunAsync()
    {
        // A line that comes octet by octet gets no more time than one that does not come.
        deadline = isInsideLine ? deadline : session.Channel.DeadlineIn(session.Context.Smtp.IdleTimeout);
        Run(await session.Channel.ReadAsync(deadline));
    }

    /// <summary>True for a line that ends in, or holds, what only a trusted client may send.</summary>
    public bool RefusesLineEnd(ClientLine line)
    {
        OnlyBareLineFeeds &= !line.EndsInCrLf;
        return !session.Client.IsTrusted && (!line.EndsInCrLf || line.Text.PositionOf((byte)'\r') is not null);
    }

    private void Run(ReadResult read)
    {
        if (session.Channel.IsExpired)
        {
            session.CloseWith(SessionReplies.TimedOut);
            session.Channel.AdvanceTo(read.Buffer.Start, read.Buffer.Start);
            return;
        }

        var rest = read.Buffer;
        while (session.State <= SessionState.Chunks && lines.TryRead(ref rest, out var line))
        {
            Run(line);
        }

        // What follows a command that opens a phase is the phase's, though no more should come.
        var isPhase = session.State is > SessionState.Chunks and not SessionState.Closed;
        isInsideLine = !isPhase && (!rest.IsEmpty || lines.IsSkipping);
        session.Channel.AdvanceTo(rest.Start, isPhase ? rest.Start : rest.End);
        if (read.IsCompleted && !isPhase)
        {
            session.CloseWith(null);
        }
    }

    private void Run(ClientLine line)
    {
        if (RefusesLineEnd(line))
        {
            session.RefuseSession(SessionReplies.CommandLineEnd);
        }
        else if (line.IsTooLong)
        {
            session.Answer(SessionReplies.LineTooLong, Verb.Unknown);
        }
        else if (line.Text.IsSingleSegment)
        {
            Run(line.Text.FirstSpan);
        }
        else
        {
            Span<byte> copy = stackalloc byte[LineReader.MaxLength];
            line.Text.CopyTo(copy);
            Run(copy[..(int)line.Text.Length]);
        }
    }

    private void Run(ReadOnlySpan<byte> line)
    {
        var command = CommandLine.Parse(line);
        if (command.IsHttpRequest)
        {
            session.RefuseSession(SessionReplies.NoHttp);
            return;
        }

        var before = session.State;
        var reply = Hold(TransitionTable.Run(session, command), command.Verb, before);
        IngressLog.Command(session.Context.Log, session.Id, command.Verb, line, reply);
        if (reply is not null)
        {
            session.Answer(reply, command.Verb);
        }
    }

    /// <summary>A command that was served is answered when the checks of its stage are through; the reply is null until then.</summary>
    private SmtpReply? Hold(SmtpReply? reply, Verb verb, SessionState before)
    {
        if (reply is not { IsPositive: true } || CheckPhase.StageOf(verb) is not { } stage || !session.Checks.Want(stage))
        {
            return reply;
        }

        session.Held = new HeldReply(verb, stage, reply, before, session.State);
        session.State = SessionState.Checking;
        return null;
    }
}
