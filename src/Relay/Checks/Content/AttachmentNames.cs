using System.Globalization;
using System.IO.Enumeration;
using System.Text;

namespace Relay.Checks.Content;

/// <summary>The names of attachments that are looked for.</summary>
/// <param name="patterns">With <c>*</c> for any characters, such as <c>*.exe</c>; without case.</param>
internal sealed class AttachmentNames(IReadOnlyList<string> patterns)
{
    /// <summary>Characters of a name that are looked at, from its end.</summary>
    private const int MaxName = 255;

    /// <summary>What is wrong with a name, for the log; null where no pattern fits.</summary>
    public string? Find(string name)
    {
        // Whoever goes by C's rules sees the name end at a NUL.
        foreach (var part in name.Split('\0'))
        {
            var plain = Plain(part);
            foreach (var pattern in patterns)
            {
                if (FileSystemName.MatchesSimpleExpression(pattern, plain))
                {
                    return $"{plain} is {pattern}";
                }
            }
        }

        return null;
    }

    /// <summary>
    /// The name that a file system would end up with: without folders, without what cannot be seen or turns the direction of
    /// writing, full-width characters made plain, and without dots and spaces at its end, which Windows drops.
    /// </summary>
    internal static string Plain(string name)
    {
        Span<char> plain = stackalloc char[MaxName];
        var length = 0;
        foreach (var rune in name.AsSpan(Math.Max(0, name.Length - MaxName)).EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '/' or '\\':
                    length = 0;
                    break;
                case > ' ' and < 0x7f:
                    plain[length++] = (char)rune.Value;
                    break;
                case >= 0xFF01 and <= 0xFF5E:
                    plain[length++] = (char)(rune.Value - 0xFF01 + '!');
                    break;
                case 0x2024 or 0x3002 or 0xFE52 or 0xFF61:
                    plain[length++] = '.';
                    break;
                default:
                    length += IsHidden(rune) ? 0 : rune.EncodeToUtf16(plain[length..]);
                    break;
            }
        }

        while (length > 0 && (plain[length - 1] == '.' || char.IsWhiteSpace(plain[length - 1])))
        {
            length--;
        }

        return plain[..length].TrimStart().ToString();
    }

    private static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format;
}
