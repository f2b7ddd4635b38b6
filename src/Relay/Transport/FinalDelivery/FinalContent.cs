using System.Buffers;
using System.Text;
using Relay.Mail;

namespace Relay.Transport.FinalDelivery;

/// <summary>
/// A message as it is kept for good: <c>Return-Path:</c> and <c>Delivered-To:</c> in front (RFC 5321 §4.4), and behind them the content,
/// in the line ends of where it is kept.
/// </summary>
internal static class FinalContent
{
    private const int BlockSize = 64 * 1024;

    /// <summary>The two fields, with CRLF.</summary>
    public static byte[] Head(ReversePath sender, params IEnumerable<ForwardPath> recipients)
    {
        var head = new StringBuilder($"Return-Path: <{sender}>\r\n");
        foreach (var recipient in recipients)
        {
            head.Append($"Delivered-To: {recipient}\r\n");
        }

        return Encoding.UTF8.GetBytes(head.ToString());
    }

    /// <summary>True when the message was delivered to this recipient before: it goes round in a circle.</summary>
    public static bool IsLoop(MessageHeader header, ForwardPath recipient) =>
        header.Named("Delivered-To").Any(field => field.Value.Equals(recipient.ToString(), StringComparison.OrdinalIgnoreCase));

    /// <summary>Writes the head, then all of the content, in lines that end with LF.</summary>
    public static async Task WriteLinesAsync(Stream output, byte[] head, Stream content, bool quoteFrom, CancellationToken cancel)
    {
        var lines = new UnixLines(quoteFrom);
        var block = ArrayPool<byte>.Shared.Rent(BlockSize);
        var converted = ArrayPool<byte>.Shared.Rent(UnixLines.RoomFor(Math.Max(block.Length, head.Length)));
        try
        {
            await output.WriteAsync(converted.AsMemory(0, lines.Write(head, converted)), cancel);
            content.Position = 0;
            int octets;
            while ((octets = await content.ReadAsync(block, cancel)) > 0)
            {
                await output.WriteAsync(converted.AsMemory(0, lines.Write(block.AsSpan(0, octets), converted)), cancel);
            }

            await output.WriteAsync(converted.AsMemory(0, lines.Finish(converted)), cancel);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
            ArrayPool<byte>.Shared.Return(converted);
        }
    }
}
