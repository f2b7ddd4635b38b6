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
        foreach (var part in name.Split('\0'))
        {
            var plain = Plain(part);
            if (patterns.FirstOrDefault(pattern => FileSystemName.MatchesSimpleExpression(pattern, plain)) is { } pattern)
            {
                return $"{plain} is {pattern}";
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
        var plain = new StringBuilder();
        foreach (var rune in name[Math.Max(0, name.Length - MaxName)..].EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '/' or '\\':
                    plain.Clear();
                    break;
                case >= 0xFF01 and <= 0xFF5E:
                    plain.Append((char)(rune.Value - 0xFF01 + '!'));
                    break;
                case 0x2024 or 0x3002 or 0xFE52 or 0xFF61:
                    plain.Append('.');
                    break;
                default:
                    plain.Append(IsHidden(rune) ? "" : rune.ToString());
                    break;
            }
        }

        var end = plain.Length;
        while (end > 0 && (plain[end - 1] == '.' || char.IsWhiteSpace(plain[end - 1])))
        {
            end--;
        }

        return plain.ToString(0, end).TrimStart();
    }

    private static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format;
}
