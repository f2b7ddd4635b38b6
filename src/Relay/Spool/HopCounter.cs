using System.Text;

namespace Relay.Spool;

/// <summary>
/// Counts the <c>Received:</c> fields of a message as its octets arrive, and those that this relay wrote itself: mail that
/// goes round in a circle shows there (RFC 5321 §6.3). It looks at the header only, and keeps at most one line.
/// </summary>
/// <param name="by">How the <c>by</c> clause of our own field begins; see <see cref="By"/>.</param>
internal sealed class HopCounter(byte[] by)
{
    private const int MaxLine = 1000;
    private byte[] begun = [];
    private int length;
    private bool inReceived;
    private bool isOwn;

    /// <summary>All <c>Received:</c> fields.</summary>
    public int Hops { get; private set; }

    /// <summary>Those with our own name in the <c>by</c> clause.</summary>
    public int OwnHops { get; private set; }

    /// <summary>True once the empty line after the header was seen.</summary>
    public bool HeaderEnded { get; private set; }

    /// <summary>What our own field holds after its first words.</summary>
    public static byte[] By(string hostName) => Encoding.ASCII.GetBytes($"by {hostName} ");

    /// <summary>Takes the next octets of the content.</summary>
    public void Observe(ReadOnlySpan<byte> octets)
    {
        while (!HeaderEnded && !octets.IsEmpty)
        {
            var end = octets.IndexOf((byte)'\n');
            var part = end < 0 ? octets : octets[..end];
            if (end < 0 || length > 0)
            {
                Keep(part);
                part = begun.AsSpan(0, length);
            }

            if (end < 0)
            {
                return;
            }

            EndLine(part[..Math.Min(part.Length, MaxLine)].TrimEnd((byte)'\r'));
            octets = octets[(end + 1)..];
        }
    }

    /// <summary>A line that is cut by the end of a piece is kept until its other part comes.</summary>
    private void Keep(ReadOnlySpan<byte> part)
    {
        if (begun.Length == 0)
        {
            begun = new byte[MaxLine];
        }

        part = part[..Math.Min(part.Length, MaxLine - length)];
        part.CopyTo(begun.AsSpan(length));
        length += part.Length;
    }

    private void EndLine(ReadOnlySpan<byte> text)
    {
        length = 0;
        if (text.IsEmpty)
        {
            HeaderEnded = true;
            return;
        }

        if (text[0] is not ((byte)' ' or (byte)'\t'))
        {
            inReceived = text.Length >= 9 && Ascii.EqualsIgnoreCase(text[..9], "Received:"u8);
            Hops += inReceived ? 1 : 0;
            isOwn = false;
        }

        if (inReceived && !isOwn && text.IndexOf(by) >= 0)
        {
            isOwn = true;
            OwnHops++;
        }
    }
}
