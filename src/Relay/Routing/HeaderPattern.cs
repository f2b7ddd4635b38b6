using System.Diagnostics.CodeAnalysis;
using System.Text;
using Relay.Mail;

namespace Relay.Routing;

/// <summary>
/// A field of a header and what stands in it: <c>Name: value</c>, without case, with <c>*</c> for any characters in the value. It is
/// held against the unfolded value as it came: encoded words are not decoded.
/// </summary>
public sealed record HeaderPattern
{
    /// <summary>Characters of a pattern at most.</summary>
    public const int MaxLength = 500;

    private readonly string[] parts;

    private HeaderPattern(string name, string value)
    {
        (Name, Value) = (name, value);
        parts = value.Split('*');
    }

    /// <summary>The name of the field.</summary>
    public string Name { get; }

    /// <summary>The value, with <c>*</c> for any characters.</summary>
    public string Value { get; }

    /// <summary>Reads <c>Name: value</c>; the value may be empty, which an empty field matches.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out HeaderPattern? pattern)
    {
        var colon = text.IndexOf(':');
        pattern = colon > 0 && text.Length <= MaxLength && IsName(text.AsSpan(0, colon)) && !text.Any(char.IsControl)
            ? new HeaderPattern(text[..colon], text[(colon + 1)..].Trim())
            : null;
        return pattern is not null;
    }

    /// <summary>Whether any field of the header is like this.</summary>
    public bool Matches(MessageHeader header)
    {
        foreach (var field in header.Fields)
        {
            if (field.Is(Name) && Matches(field.Value))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public bool Equals(HeaderPattern? other) => other is not null && Name == other.Name && Value == other.Value;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Value);

    /// <summary>As it is configured.</summary>
    public override string ToString() => $"{Name}: {Value}";

    /// <summary>What stands between the stars must come one after the other, the first part at the start and the last at the end.</summary>
    private bool Matches(ReadOnlySpan<char> value)
    {
        if (parts.Length == 1)
        {
            return value.Equals(parts[0], StringComparison.OrdinalIgnoreCase);
        }

        var (first, last) = (parts[0], parts[^1]);
        if (value.Length < first.Length + last.Length ||
            !value.StartsWith(first, StringComparison.OrdinalIgnoreCase) || !value.EndsWith(last, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var rest = value[first.Length..^last.Length];
        foreach (var part in parts.AsSpan(1, parts.Length - 2))
        {
            var at = rest.IndexOf(part, StringComparison.OrdinalIgnoreCase);
            if (at < 0)
            {
                return false;
            }

            rest = rest[(at + part.Length)..];
        }

        return true;
    }

    /// <summary>Printable ASCII but the colon (RFC 5322 §3.6.8).</summary>
    private static bool IsName(ReadOnlySpan<char> name) => Ascii.IsValid(name) && !name.ContainsAnyInRange('\0', ' ') && !name.Contains('\x7f');
}
