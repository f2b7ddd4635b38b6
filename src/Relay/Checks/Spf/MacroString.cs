using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Relay.Checks.Spf;

/// <summary>Where a macro string stands; not all may be said everywhere.</summary>
internal enum MacroPlace
{
    /// <summary>A domain: it ends in a top-level label or in a macro, and c, r and t have no meaning (RFC 7208 §7.2).</summary>
    DomainSpec,

    /// <summary>The value of a modifier that means nothing to us.</summary>
    Modifier,

    /// <summary>An explanation: spaces are allowed too.</summary>
    Explanation,
}

/// <summary>One piece of a macro string: literal text, or a macro where <paramref name="Letter"/> is given.</summary>
/// <param name="Literal">Text to be taken as it is; empty for a macro.</param>
/// <param name="Letter">In lower case.</param>
/// <param name="Parts">How many parts count, from the right.</param>
/// <param name="IsReversed">The parts are turned round first.</param>
/// <param name="Delimiters">What stands between parts; empty for the dot.</param>
/// <param name="IsEscaped">What it expands to is escaped as in a URL.</param>
internal readonly record struct MacroPart(
    string Literal, char? Letter = null, int Parts = int.MaxValue, bool IsReversed = false, string Delimiters = "", bool IsEscaped = false);

/// <summary>A text with macros (RFC 7208 §7.1).</summary>
internal sealed class MacroString
{
    private const string Letters = "slodiphcrtv";

    /// <summary>Of these only explanations make sense.</summary>
    private const string ExplanationLetters = "crt";

    /// <summary>RFC 7208 §7.3 asks that 127 be read; no value has more parts than this.</summary>
    private const int MaxParts = 1000;

    private static readonly SearchValues<char> Delimiters = SearchValues.Create(".-+,/_=");

    private MacroString(IReadOnlyList<MacroPart> parts) => Parts = parts;

    /// <summary>The pieces in their order.</summary>
    public IReadOnlyList<MacroPart> Parts { get; }

    /// <summary>Whether it has the macro of this letter.</summary>
    public bool Uses(char letter) => Parts.Any(part => part.Letter == letter);

    /// <summary>Reads a whole macro string.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, MacroPlace place, [NotNullWhen(true)] out MacroString? macros)
    {
        macros = null;
        List<MacroPart> parts = [];
        var endsInMacro = false;
        for (var position = 0; position < text.Length;)
        {
            var rest = text[position..];
            endsInMacro = rest[0] == '%';
            var length = endsInMacro ? Macro(rest, place, parts) : Literal(rest, place, parts);
            if (length == 0)
            {
                return false;
            }

            position += length;
        }

        if (place == MacroPlace.DomainSpec && !endsInMacro && !EndsInTopLabel(parts))
        {
            return false;
        }

        macros = new MacroString(parts);
        return true;
    }

    /// <summary>The length of the visible characters up to the next macro; 0 where there is none.</summary>
    private static int Literal(ReadOnlySpan<char> text, MacroPlace place, List<MacroPart> parts)
    {
        var length = text.IndexOf('%');
        var literal = length < 0 ? text : text[..length];
        if (literal.ContainsAnyExceptInRange(place == MacroPlace.Explanation ? ' ' : '!', '~'))
        {
            return 0;
        }

        parts.Add(new MacroPart(literal.ToString()));
        return literal.Length;
    }

    /// <summary>The length of the macro that the text begins with; 0 for what is none.</summary>
    private static int Macro(ReadOnlySpan<char> text, MacroPlace place, List<MacroPart> parts)
    {
        if (text.Length < 2)
        {
            return 0;
        }

        if (text[1] != '{')
        {
            var literal = text[1] switch { '%' => "%", '_' => " ", '-' => "%20", _ => "" };
            parts.Add(new MacroPart(literal));
            return literal.Length == 0 ? 0 : 2;
        }

        var end = text.IndexOf('}');
        if (end < 3 || !TryMacro(text[2..end], place, out var macro))
        {
            return 0;
        }

        parts.Add(macro);
        return end + 1;
    }

    /// <summary>What stands between the braces: a letter, a number, <c>r</c>, delimiters.</summary>
    private static bool TryMacro(ReadOnlySpan<char> text, MacroPlace place, out MacroPart macro)
    {
        var letter = char.ToLowerInvariant(text[0]);
        var isEscaped = letter != text[0];
        macro = default;
        if (!Letters.Contains(letter) || (place == MacroPlace.DomainSpec && ExplanationLetters.Contains(letter)))
        {
            return false;
        }

        text = text[1..];
        var digits = text.IndexOfAnyExceptInRange('0', '9');
        digits = digits < 0 ? text.Length : digits;
        var parts = Number(text[..digits]);
        text = text[digits..];
        var isReversed = text.Length > 0 && text[0] is 'r' or 'R';
        text = isReversed ? text[1..] : text;
        if (parts == 0 || text.ContainsAnyExcept(Delimiters))
        {
            return false;
        }

        macro = new MacroPart("", letter, parts, isReversed, text.ToString(), isEscaped);
        return true;
    }

    /// <summary>All parts where there is no number.</summary>
    private static int Number(ReadOnlySpan<char> digits)
    {
        var number = 0;
        foreach (var digit in digits)
        {
            number = Math.Min((number * 10) + digit - '0', MaxParts);
        }

        return digits.IsEmpty ? int.MaxValue : number;
    }

    /// <summary>A dot and a label that is no number, and perhaps a last dot, stand at the end.</summary>
    private static bool EndsInTopLabel(List<MacroPart> parts)
    {
        var text = parts.Count == 0 ? default : parts[^1].Literal.AsSpan();
        text = text.EndsWith('.') ? text[..^1] : text;
        var dot = text.LastIndexOf('.');
        if (dot < 0)
        {
            return false;
        }

        var label = text[(dot + 1)..];
        var hasMoreThanDigits = false;
        foreach (var c in label)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
            {
                return false;
            }

            hasMoreThanDigits |= !char.IsAsciiDigit(c);
        }

        return hasMoreThanDigits && label[0] != '-' && label[^1] != '-';
    }
}
