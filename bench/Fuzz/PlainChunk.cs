using System.Globalization;

namespace Relay.Fuzz;

/// <summary>What a BDAT line says (RFC 3030 §2).</summary>
internal readonly record struct PlainChunk(long Size, bool IsLast)
{
    private const int MaxDigits = 18;

    /// <summary>Null where the line is no BDAT, or none that can be understood.</summary>
    public static PlainChunk? Parse(string line)
    {
        if (!line.StartsWith("BDAT ", StringComparison.OrdinalIgnoreCase) ||
            line["BDAT ".Length..].Trim(' ', '\t').Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var digits, .. var rest] ||
            digits.Length > MaxDigits || !digits.All(char.IsAsciiDigit))
        {
            return null;
        }

        var size = long.Parse(digits, CultureInfo.InvariantCulture);
        return rest switch
        {
            [] => new PlainChunk(size, IsLast: false),
            [var marker] when marker.Equals("LAST", StringComparison.OrdinalIgnoreCase) => new PlainChunk(size, IsLast: true),
            _ => null,
        };
    }
}
