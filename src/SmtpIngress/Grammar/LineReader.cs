using System.Buffers;

namespace Relay.SmtpIngress.Grammar;

/// <summary>One line as the client sent it.</summary>
/// <param name="Text">Without its line end; empty when it was too long.</param>
/// <param name="EndsInCrLf">False for a line that ended in a bare LF.</param>
/// <param name="IsTooLong">The line was read to its end and thrown away.</param>
internal readonly record struct ClientLine(ReadOnlySequence<byte> Text, bool EndsInCrLf, bool IsTooLong);

/// <summary>Cuts command lines out of the input, which may be split anywhere. Its memory is two flags.</summary>
internal sealed class LineReader
{
    /// <summary>
    /// Octets of a line at most, with its line end. RFC 5321 §4.5.3.1.4 asks for 512 and some more for each extension, and
    /// RFC 4954 §4.3 for 12,288 in an exchange of AUTH; one number for all is simpler, and no client has reason to stay
    /// under it.
    /// </summary>
    public const int MaxLength = 12_288;

    private bool skipping;
    private bool skippedCr;

    /// <summary>It is inside a line that is too long: what it has seen of it is gone.</summary>
    public bool IsSkipping => skipping;

    /// <summary>Takes the next whole line off the front of <paramref name="input"/>; false when there is none.</summary>
    public bool TryRead(ref ReadOnlySequence<byte> input, out ClientLine line)
    {
        line = default;
        if (input.PositionOf((byte)'\n') is not { } lineFeed)
        {
            SkipWhenTooLong(ref input);
            return false;
        }

        var text = input.Slice(0, lineFeed);
        var endsInCr = text.IsEmpty ? skipping && skippedCr : EndsInCr(text);
        var isTooLong = skipping || text.Length + 1 > MaxLength;
        line = isTooLong
            ? new ClientLine(ReadOnlySequence<byte>.Empty, endsInCr, IsTooLong: true)
            : new ClientLine(endsInCr ? text.Slice(0, text.Length - 1) : text, endsInCr, IsTooLong: false);
        input = input.Slice(input.GetPosition(1, lineFeed));
        skipping = false;
        return true;
    }

    private void SkipWhenTooLong(ref ReadOnlySequence<byte> input)
    {
        if (input.IsEmpty || (!skipping && input.Length < MaxLength))
        {
            return;
        }

        skipping = true;
        skippedCr = EndsInCr(input);
        input = input.Slice(input.End);
    }

    private static bool EndsInCr(ReadOnlySequence<byte> text) =>
        text.IsSingleSegment ? text.FirstSpan[^1] == (byte)'\r' : text.Slice(text.Length - 1).FirstSpan[0] == (byte)'\r';
}
