using System.Buffers;
using System.Runtime.CompilerServices;
using Relay.Spool;

namespace Relay.SmtpIngress;

/// <summary>How the reading of a content ended.</summary>
internal enum ContentEnd
{
    /// <summary>At its final dot.</summary>
    Complete,

    /// <summary>At its final dot, but it is longer than it may be.</summary>
    TooBig,

    /// <summary>At a bare CR or LF that is not allowed; where it would have ended is not known.</summary>
    BareLineEnd,

    /// <summary>The client was silent for too long.</summary>
    TimedOut,

    /// <summary>The client ended the connection.</summary>
    ClientGone,
}

/// <summary>The part of a session between 354 and the final dot.</summary>
internal static class ContentPhase
{
    /// <summary>Moves the content from the client into the message. What to make of it is the session's to decide.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<ContentEnd> ReadAsync(SmtpChannel channel, DataReader reader, IncomingMessage message)
    {
        while (reader.Status == DataStatus.More)
        {
            var read = await channel.ReadAsync();
            var taken = Take(reader, read.Buffer, message);
            channel.AdvanceTo(taken, taken);
            if (reader.Status == DataStatus.More && channel.IsExpired)
            {
                return ContentEnd.TimedOut;
            }

            if (reader.Status == DataStatus.More && read.IsCompleted)
            {
                return ContentEnd.ClientGone;
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
