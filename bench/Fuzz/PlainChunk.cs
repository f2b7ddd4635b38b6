using System.Globalization;

namespace Relay.Fuzz;

/// <summary>What a BDAT line says (RFC 3030 §2).</summary>
internal readonly record struct PlainChunk(long Size, bool IsLast)
{
    private const int MaxDigits = 18;

    /// <summary>Null where the line is no BDAT, or none that can be understood.</summary>
    public static PlainChunk? Parse(string line)
    {
        var words = line.Replace('\t', ' ').Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (!line.StartsWith("BDAT ", StringComparison.OrdinalIgnoreCase) || words.Length is < 2 or > 3 ||
            (words.Length == 3 && !words[2].Equals("LAST", StringComparison.OrdinalIgnoreCase)) ||
            words[1].Length > MaxDigits || !words[1].All(char.IsAsciiDigit) || !long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size))
        {
            return null;
        }

        return new PlainChunk(size, words.Length == 3);
    }
}
