using System.Buffers;
using System.Runtime.CompilerServices;
using Relay.Spool;

namespace Relay.SmtpIngress.Phases;

/// <summary>How the reading of a content, or of a chunk of it, ended.</summary>
internal enum ContentEnd
{
    /// <summary>At its end.</summary>
    Complete,

    /// <summary>At its end, but it is longer than it may be.</summary>
    TooBig,

    /// <summary>It is so much longer than it may be that its end is not waited for.</summary>
    Endless,

    /// <summary>At a bare CR or LF that is not allowed; where it would have ended is not known.</summary>
    BareLineEnd,

    /// <summary>The client was silent for too long.</summary>
    TimedOut,

    /// <summary>The client sent less than it must in the time it took.</summary>
    TooSlow,

    /// <summary>The client ended the connection.</summary>
    ClientGone,
}

/// <summary>The part of a session between 354 and the final dot.</summary>
internal static class ContentPhase
{
    /// <summary>Content this many times longer than it may be is not read to its end.</summary>
    internal const int MaxOverrun = 4;

    /// <summary>Reads the content and answers it.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public static async ValueTask RunAsync(SmtpSession session)
    {
        var message = session.Transaction!.Message!;
        var reader = new DataReader(session.LineEnds, session.Context.Smtp.MaxMessageSize);
        var end = await ReadAsync(session, reader, message);
        await ContentAnswer.GiveAsync(session, end, reader.Length);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<ContentEnd> ReadAsync(SmtpSession session, DataReader reader, IncomingMessage message)
    {
        var channel = session.Channel;
        var pace = new ContentPace(session.Context.Time, session.Context.Smtp);
        while (reader.Status == DataStatus.More)
        {
            var read = await channel.ReadAsync(pace.Deadline(reader.Length));
            var taken = Take(reader, read.Buffer, message);
            channel.AdvanceTo(taken, taken);
            if (reader.Status == DataStatus.More && channel.IsExpired)
            {
                return pace.IsTooSlow ? ContentEnd.TooSlow : ContentEnd.TimedOut;
            }

            if (reader.Status == DataStatus.More && read.IsCompleted)
            {
                return ContentEnd.ClientGone;
            }

            if (reader.Length / MaxOverrun > session.Context.Smtp.MaxMessageSize)
            {
                return ContentEnd.Endless;
            }

            await message.FlushAsync(CancellationToken.None);
        }

        if (reader.Status == DataStatus.BareLineEnd)
        {
            return ContentEnd.BareLineEnd;
        }

        return reader.IsTooBig ? ContentEnd.TooBig : ContentEnd.Complete;
    }

    private static SequencePosition Take(DataReader reader, ReadOnlySequence<byte> input, IBufferWriter<byte> output)
    {
        long taken = 0;
        foreach (var segment in input)
        {
            taken += reader.Read(segment.Span, output);
            if (reader.Status != DataStatus.More)
            {
                break;
            }
        }

        return input.GetPosition(taken);
    }
}
