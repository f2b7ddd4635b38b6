using System.Buffers.Text;
using System.Text;
using Relay.Replies;
using Relay.SmtpIngress.Grammar;
using Relay.SmtpIngress.Phases;

namespace Relay.SmtpIngress.Commands;

/// <summary>BDAT, RFC 3030 §2: so many octets of the content follow. <see cref="ChunkPhase"/> reads them.</summary>
internal static class BdatCommand
{
    /// <summary>A number that long is a slip, or worse.</summary>
    private const int MaxDigits = 18;

    // bdat-cmd   = "BDAT" SP chunk-size [ SP end-marker ]
    // chunk-size = 1*DIGIT
    // end-marker = "LAST"
    public static SmtpReply? Run(SmtpSession session, ReadOnlySpan<byte> argument)
    {
        var space = argument.IndexOf((byte)' ');
        var digits = space < 0 ? argument : argument[..space];
        var marker = space < 0 ? default : argument[space..].Trim((byte)' ');
        if (digits.Length is 0 or > MaxDigits || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') ||
            !Utf8Parser.TryParse(digits, out long size, out _) ||
            !(marker.IsEmpty || Ascii.EqualsIgnoreCase(marker, "LAST"u8)))
        {
            // Where the octets end is not known: they must not be taken for commands.
            session.EndsAfterReply = true;
            return SessionReplies.BdatSyntax;
        }

        // Whatever is wrong, the octets follow, and are read and dropped before the refusal (RFC 3030 §2).
        var refusal = session.State is SessionState.Recipients or SessionState.Chunks
            ? null
            : TransitionTable.OutOfOrder(session.State, Verb.Bdat);
        session.Chunk = new Chunk(size, IsLast: !marker.IsEmpty, refusal, session.State);
        return null;
    }
}
