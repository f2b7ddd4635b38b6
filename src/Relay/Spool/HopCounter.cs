using System.Text;

namespace Relay.Spool;

/// <summary>
/// Counts the <c>Received:</c> fields of a message as its octets arrive, and those that this relay wrote itself: mail that
/// goes round in a circle shows there (RFC 5321 §6.3). It looks at the header only, and keeps at most one line.
/// </summary>
internal sealed class HopCounter(string hostName)
{
    private const int MaxLine = 1000;
    private readonly byte[] by = Encoding.ASCII.GetBytes($"by {hostName} ");
    private readonly byte[] line = new byte[MaxLine];
    private int length;
    private bool inReceived;
    private bool isOwn;

    /// <summary>All <c>Received:</c> fields.</summary>
    public int Hops { get; private set; }

    /// <summary>Those with our own name in the <c>by</c> clause.</summary>
    public int OwnHops { get; private set; }

    /// <summary>True once the empty line after the header was seen.</summary>
    public bool HeaderEnded { get; private set; }

    /// <summary>Takes the next octets of the content.</summary>
    public void Observe(ReadOnlySpan<byte> octets)
    {
        while (!HeaderEnded && !octets.IsEmpty)
        {
            var end = octets.IndexOf((byte)'\n');
            Keep(end < 0 ? octets : octets[..end]);
            if (end < 0)
            {
                return;
            }

            EndLine();
            octets = octets[(end + 1)..];
        }
    }

    private void Keep(ReadOnlySpan<byte> part)
    {
        part = part[..Math.Min(part.Length, MaxLine - length)];
        part.CopyTo(line.AsSpan(length));
        length += part.Length;
    }

    private void EndLine()
    {
        var text = line.AsSpan(0, length).TrimEnd((byte)'\r');
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
