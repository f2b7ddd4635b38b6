using System.Buffers;

namespace Relay.Transport;

/// <summary>
/// Sends content in blocks. The last block is left unsent: with it goes the end of the message, and whoever sends it must
/// know that from then on the server may have the message.
/// </summary>
internal static class ContentWriter
{
    /// <summary>Octets collected for one write of content at most.</summary>
    private const int MaxBlock = 64 * 1024;

    /// <summary>What follows 354: dot-stuffed, and the final dot.</summary>
    public static Task WriteDataAsync(SmtpChannel channel, MessageContent content) => WriteAsync(channel, content, isChunk: false);

    /// <summary>BDAT and its one chunk, just as it is stored (RFC 3030 §2).</summary>
    public static Task WriteChunkAsync(SmtpChannel channel, MessageContent content)
    {
        channel.WriteBdat(content.Length);
        return WriteAsync(channel, content, isChunk: true);
    }

    private static async Task WriteAsync(SmtpChannel channel, MessageContent content, bool isChunk)
    {
        var stuffer = new DotStuffer();
        var piece = ArrayPool<byte>.Shared.Rent(MessageContent.ChunkSize);
        try
        {
            content.Rewind();
            channel.GetSpan((int)Math.Min(MaxBlock, (2 * content.Length) + 16));
            int octets;
            while ((octets = await content.ReadAsync(piece)) > 0)
            {
                var room = DotStuffer.RoomFor(octets) + DotStuffer.RoomForFinish;
                if (channel.Unflushed > 0 && channel.Unflushed + room > MaxBlock)
                {
                    await channel.FlushAsync(SmtpTimeouts.DataBlock);
                }

                if (isChunk)
                {
                    channel.Write(piece.AsSpan(0, octets));
                }
                else
                {
                    channel.Advance(stuffer.Write(piece.AsSpan(0, octets), channel.GetSpan(room)));
                }
            }

            if (!isChunk)
            {
                channel.Advance(stuffer.Finish(channel.GetSpan(DotStuffer.RoomForFinish)));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }
}
