using System.Buffers;
using System.Text;

namespace Relay.Mail;

/// <summary>The <c>Authentication-Results:</c> field (RFC 8601). What strangers said is in it only as what cannot break it.</summary>
public static class AuthenticationResults
{
    /// <summary>The field's name.</summary>
    public const string FieldName = "Authentication-Results";

    /// <summary>Characters of one value or comment; more is cut.</summary>
    private const int MaxValue = 255;

    /// <summary>Octets of a line before the next result begins a new one (RFC 5322 §2.1.1 recommends 78).</summary>
    private const int LineLength = 76;

    /// <summary>What RFC 2045 §5.1 allows in a token, and <c>@</c>, which RFC 8601 §2.2 allows besides.</summary>
    private static readonly SearchValues<char> Token = SearchValues.Create(
        [.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c).Where(c => !"()<>,;:\\\"/[]?=".Contains(c))]);

    /// <summary>The whole field with its line end. Without results it says <c>none</c>.</summary>
    /// <param name="authservId">Who says so: the host name of this relay.</param>
    /// <param name="results">In the order to be told.</param>
    public static string Write(string authservId, IEnumerable<AuthenticationResult> results) =>
        $"{FieldName}: {Text(authservId, results)}\r\n";

    /// <summary>The field's value, folded, without its line end; <c>ARC-Authentication-Results</c> (RFC 8617 §4.1.1) holds the same behind its instance.</summary>
    public static string Text(string authservId, IEnumerable<AuthenticationResult> results)
    {
        var text = new StringBuilder(authservId);
        var any = false;
        foreach (var result in results)
        {
            text.Append(";\r\n\t");
            Write(text, result);
            any = true;
        }

        return any ? text.ToString() : $"{authservId}; none";
    }

    /// <summary>A value as a token where it is one, and otherwise in quotes; ASCII alone, and not too long.</summary>
    public static string Quote(string value)
    {
        value = Clean(value);
        return value.Length > 0 && !value.AsSpan().ContainsAnyExcept(Token)
            ? value
            : $"\"{value.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"";
    }

    private static void Write(StringBuilder text, AuthenticationResult result)
    {
        var begin = text.Length;
        text.Append(result.Method).Append('=').Append(result.Result);
        if (result.Comment is { } comment)
        {
            Append(text, ref begin, $"({Clean(comment).Replace("\\", "").Replace("(", "[").Replace(")", "]")})");
        }

        foreach (var (property, value) in result.Properties)
        {
            Append(text, ref begin, $"{property}={Quote(value)}");
        }
    }

    private static void Append(StringBuilder text, ref int lineBegin, string word)
    {
        if (text.Length - lineBegin + word.Length >= LineLength)
        {
            text.Append("\r\n\t");
            lineBegin = text.Length;
        }
        else
        {
            text.Append(' ');
        }

        text.Append(word);
    }

    private static string Clean(string text)
    {
        var clean = text.AsSpan(0, Math.Min(text.Length, MaxValue)).ToArray();
        for (var i = 0; i < clean.Length; i++)
        {
            clean[i] = clean[i] is >= ' ' and <= '~' ? clean[i] : '?';
        }

        return new string(clean);
    }
}
