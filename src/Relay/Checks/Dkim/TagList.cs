using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Relay.Mail;

namespace Relay.Checks.Dkim;

/// <summary>
/// A tag-list (RFC 6376 §3.2): <c>name=value</c> between semicolons, as signatures, seals of ARC and keys in DNS have it. Tags
/// that nobody knows are no fault; a tag that stands twice is.
/// </summary>
internal sealed class TagList
{
    /// <summary>Tags at most; no signature has a fourth of that.</summary>
    private const int MaxTags = 64;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create(
        [.. Enumerable.Range('0', 10).Concat(Enumerable.Range('A', 26)).Concat(Enumerable.Range('a', 26)).Select(c => (char)c), '_']);

    private readonly Dictionary<string, string> values;

    private TagList(Dictionary<string, string> values, string first) => (this.values, First) = (values, first);

    /// <summary>The name of the tag that stands first.</summary>
    public string First { get; }

    /// <summary>The value of a tag without white space at both ends; null where there is no such tag. Names are case-sensitive.</summary>
    public string? this[string tag] => values.GetValueOrDefault(tag);

    /// <summary>Reads the value of a field; see <see cref="HeaderField.Value"/>.</summary>
    public static bool TryParse(HeaderField field, [NotNullWhen(true)] out TagList? tags) => TryParse(field.Value, out tags);

    /// <summary>Reads a tag-list that is unfolded already.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out TagList? tags)
    {
        tags = null;
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        string? first = null;
        text = Trim(text);
        if (text.EndsWith(';'))
        {
            text = text[..^1];
        }

        foreach (var range in text.Split(';'))
        {
            var tag = text[range];
            var equals = tag.IndexOf('=');
            var name = equals < 0 ? default : Trim(tag[..equals]);
            if (!IsName(name) || values.Count == MaxTags || !values.TryAdd(name.ToString(), Trim(tag[(equals + 1)..]).ToString()))
            {
                return false;
            }

            first ??= name.ToString();
        }

        tags = new TagList(values, first!);
        return true;
    }

    /// <summary>The value of a tag in base64, white space left out (RFC 6376 §3.5, <c>b=</c>). False where there is none, and for what is no base64.</summary>
    public bool TryBase64(string tag, [NotNullWhen(true)] out byte[]? octets)
    {
        octets = null;
        if (this[tag] is not { } text)
        {
            return false;
        }

        var buffer = new byte[(text.Length * 3 / 4) + 3];
        if (!Convert.TryFromBase64String(text, buffer, out var length))
        {
            return false;
        }

        octets = buffer[..length];
        return true;
    }

    /// <summary>The values between the colons of a tag, such as <c>h=</c>, each without white space at both ends; null where there is no such tag.</summary>
    public string[]? List(string tag) => this[tag]?.Split(':').Select(value => Trim(value).ToString()).ToArray();

    private static bool IsName(ReadOnlySpan<char> name) =>
        name.Length > 0 && char.IsAsciiLetter(name[0]) && !name.ContainsAnyExcept(NameCharacters);

    private static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text) => text.Trim(" \t\r\n");
}
