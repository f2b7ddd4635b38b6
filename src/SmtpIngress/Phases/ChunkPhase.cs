using System.Buffers;
using Relay.Replies;

namespace Relay.SmtpIngress.Phases;

/// <summary>What one BDAT announced.</summary>
/// <param name="Size">Octets that follow.</param>
/// <param name="IsLast">The message ends with them.</param>
/// <param name="Refusal">What to answer once they are read and dropped; null when they are content.</param>
/// <param name="Before">Where the session stood.</param>
internal sealed record Chunk(long Size, bool IsLast, SmtpReply? Refusal, SessionState Before);

/// <summary>The octets after a BDAT (RFC 3030 §2).</summary>
internal static class ChunkPhase
{
    /// <summary>Reads the octets and answers them.</summary>
    public static async ValueTask RunAsync(SmtpSession session)
    {
        var chunk = session.Chunk!;
        session.Chunk = null;
        var refusal = chunk.Refusal ?? Begin(session);
        var transaction = refusal is null ? session.Transaction : null;
        var end = await ReadAsync(session, chunk.Size, transaction);
        if (end is ContentEnd.Complete && transaction is null)
        {
            Refuse(session, chunk, refusal!);
            return;
        }

        if (end is ContentEnd.Complete && chunk.IsLast)
        {
            transaction!.Chunks!.Finish(transaction.Message!);
            end = Judge(transaction.Chunks);
        }

        if (end is ContentEnd.Complete && !chunk.IsLast)
        {
            session.State = SessionState.Chunks;
            session.Channel.Write(SessionReplies.ChunkOk);
            return;
        }

        await ContentAnswer.GiveAsync(session, end, transaction?.Chunks?.Length ?? 0);
    }

    /// <summary>Opens the content with the first chunk; gives the reply when it cannot be opened.</summary>
    private static SmtpReply? Begin(SmtpSession session)
    {
        var transaction = session.Transaction!;
        if (transaction.Chunks is not null)
        {
            return null;
        }

        transaction.Chunks = new ChunkReader(
            transaction.Body == Mail.BodyType.BinaryMime ? null : session.LineEndsOfChunks, session.Context.Smtp.MaxMessageSize);
        transaction.Pace = new ContentPace(session.Context.Time, session.Context.Smtp);
        var reply = session.BeginContent();
        return reply.IsIntermediate ? null : reply;
    }

    /// <summary>A chunk that comes in the wrong order changes nothing; one that the spool cannot take ends the transaction.</summary>
    private static void Refuse(SmtpSession session, Chunk chunk, SmtpReply refusal)
    {
        session.State = chunk.Before;
        if (chunk.Refusal is null)
        {
            session.Transaction = null;
            session.State = SessionState.Ready;
        }

        session.Answer(refusal);
    }

    private static async ValueTask<ContentEnd> ReadAsync(SmtpSession session, long size, Transaction? transaction)
    {
        var channel = session.Channel;
        var limit = session.Context.Smtp.MaxMessageSize;
        if (size / ContentPhase.MaxOverrun > limit)
        {
            return ContentEnd.Endless;
        }

        // Over all chunks of a message: else one that sends an octet a chunk, each in its time, would never end.
        var pace = transaction?.Pace ?? new ContentPace(session.Context.Time, session.Context.Smtp);
        var before = transaction?.Chunks!.Length ?? 0;
        if (pace.IsOver(before))
        {
            return ContentEnd.TooSlow;
        }

        for (long received = 0; received < size;)
        {
            var read = await channel.ReadAsync(pace.Deadline(before + received));
            var part = read.Buffer.Slice(0, Math.Min(size - received, read.Buffer.Length));
            received += part.Length;
            Take(transaction, part);
            channel.AdvanceTo(part.End, part.End);
            if (received < size && channel.IsExpired)
            {
                return pace.IsTooSlow ? ContentEnd.TooSlow : ContentEnd.TimedOut;
            }

            if (received < size && read.IsCompleted)
            {
                return ContentEnd.ClientGone;
            }

            if (transaction is not null)
            {
                if (!transaction.Chunks!.IsClean || transaction.Chunks.Length / ContentPhase.MaxOverrun > limit)
                {
                    return transaction.Chunks.IsClean ? ContentEnd.Endless : ContentEnd.BareLineEnd;
                }

                await transaction.Message!.FlushAsync(CancellationToken.None);
            }
        }

        return transaction is null ? ContentEnd.Complete : Judge(transaction.Chunks!);
    }

    private static void Take(Transaction? transaction, ReadOnlySequence<byte> octets)
    {
        if (transaction is not null)
        {
            foreach (var segment in octets)
            {
                transaction.Chunks!.Read(segment.Span, transaction.Message!);
            }
        }
    }

    private static ContentEnd Judge(ChunkReader chunks) =>
        !chunks.IsClean ? ContentEnd.BareLineEnd : chunks.IsTooBig ? ContentEnd.TooBig : ContentEnd.Complete;
}
