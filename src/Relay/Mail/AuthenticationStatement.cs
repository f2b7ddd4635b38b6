using System.Text;

namespace Relay.Mail;

/// <summary>
/// What an <c>Authentication-Results:</c> field says (RFC 8601 §2.2). Others wrote it, so it is read kindly: a result that
/// cannot be understood is left out of the results.
/// </summary>
/// <param name="AuthservId">Who says so; empty where nobody is named.</param>
/// <param name="Results">What can be understood, in its order.</param>
/// <param name="Texts">Every result as it is written, with its folding and comments; not the word <c>none</c> that stands for no result.</param>
public sealed record AuthenticationStatement(
    string AuthservId, IReadOnlyList<AuthenticationResult> Results, IReadOnlyList<string> Texts)
{
    /// <summary>Reads the value of a field, which may be folded.</summary>
    public static AuthenticationStatement Read(string value)
    {
        var parts = Split(value);
        var texts = parts.Skip(1).Select(text => text.Trim(' ', '\t', '\r', '\n'))
            .Where(text => text.Length > 0 && !text.Equals("none", StringComparison.OrdinalIgnoreCase)).ToArray();
        return new AuthenticationStatement(IdOf(parts[0]), [.. texts.Select(ReadResult).OfType<AuthenticationResult>()], texts);
    }

    /// <summary>Who says so in a field of this value, as <see cref="AuthservId"/> has it.</summary>
    public static string AuthservIdOf(string value) => IdOf(Split(value)[0]);

    /// <summary>What one method came to, the first of its results; null where it is not told.</summary>
    public AuthenticationResult? this[string method] => Results.FirstOrDefault(result => result.Method == method);

    /// <summary>Cuts at semicolons, but for those within comments and quoted strings. Never empty.</summary>
    internal static List<string> Split(string value)
    {
        List<string> parts = [];
        var (begin, depth, isQuoted) = (0, 0, false);
        for (var i = 0; i < value.Length; i++)
        {
            switch (value[i])
            {
                case '\\' when isQuoted || depth > 0:
                    i++;
                    break;
                case '"' when depth == 0:
                    isQuoted = !isQuoted;
                    break;
                case '(' when !isQuoted:
                    depth++;
                    break;
                case ')' when !isQuoted && depth > 0:
                    depth--;
                    break;
                case ';' when !isQuoted && depth == 0:
                    parts.Add(value[begin..i]);
                    begin = i + 1;
                    break;
            }
        }

        parts.Add(value[begin..]);
        return parts;
    }

    /// <summary>The same with a space in place of each comment.</summary>
    internal static string WithoutComments(string text)
    {
        var kept = new StringBuilder(text.Length);
        var (depth, isQuoted) = (0, false);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (!isQuoted && (c == '(' || (c == ')' && depth > 0)))
            {
                depth += c == '(' ? 1 : -1;
                kept.Append(' ');
            }
            else if (depth == 0)
            {
                isQuoted ^= c == '"';
                kept.Append(c);
                if (c == '\\' && isQuoted && i + 1 < text.Length)
                {
                    kept.Append(text[++i]);
                }
            }
            else if (c == '\\')
            {
                i++;
            }
        }

        return kept.ToString();
    }

    /// <summary>Without a version behind it.</summary>
    private static string IdOf(string text)
    {
        var position = 0;
        return ReadValue(WithoutComments(text).Trim(), ref position);
    }

    /// <summary>A method with its result, then properties; null where it does not begin like that.</summary>
    private static AuthenticationResult? ReadResult(string text)
    {
        text = WithoutComments(text);
        List<(string Name, string Value)> pairs = [];
        var position = 0;
        while (text.IndexOf('=', position) is >= 0 and var equals)
        {
            var name = text[position..equals].Trim();
            position = equals + 1;
            pairs.Add((name, ReadValue(text, ref position)));
        }

        if (pairs is not [var (methodAndVersion, result), ..])
        {
            return null;
        }

        var method = methodAndVersion.Split('/')[0].TrimEnd();
        return IsKeyword(method) && IsKeyword(result)
            ? new AuthenticationResult(method.ToLowerInvariant(), result.ToLowerInvariant())
            {
                Properties = [.. pairs.Skip(1).Select(pair => (LastWord(pair.Name).ToLowerInvariant(), pair.Value))],
            }
            : null;
    }

    /// <summary>A quoted string without its quotes, or all up to white space.</summary>
    private static string ReadValue(string text, ref int position)
    {
        while (position < text.Length && text[position] is ' ' or '\t' or '\r' or '\n')
        {
            position++;
        }

        var isQuoted = position < text.Length && text[position] == '"';
        position += isQuoted ? 1 : 0;
        var value = new StringBuilder();
        for (; position < text.Length; position++)
        {
            var c = text[position];
            if (isQuoted ? c == '"' : c is ' ' or '\t' or '\r' or '\n')
            {
                position++;
                break;
            }

            value.Append(isQuoted && c == '\\' && position + 1 < text.Length ? text[++position] : c);
        }

        return value.ToString();
    }

    private static string LastWord(string text) => text[(text.LastIndexOfAny([' ', '\t', '\r', '\n']) + 1)..];

    private static bool IsKeyword(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
