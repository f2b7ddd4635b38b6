using System.Buffers;
using System.Text;

namespace Relay.Checks.Spf;

/// <summary>The <c>Received-SPF:</c> field (RFC 7208 §9.1). What strangers said stands in it only as what cannot break it.</summary>
internal static class ReceivedSpf
{
    public const string FieldName = "Received-SPF";

    /// <summary>Characters of one value; more is cut.</summary>
    private const int MaxValue = 255;

    /// <summary>What RFC 5322 §3.2.3 allows in an atom, and the dot between atoms.</summary>
    private static readonly SearchValues<char> AtomText = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~.");

    /// <summary>The whole field with its line end, folded before every pair.</summary>
    /// <param name="result">What the identity came to.</param>
    /// <param name="comment">For people; our own words.</param>
    /// <param name="pairs">In their order; a pair without a value is left out.</param>
    public static string Write(SpfResult result, string comment, params ReadOnlySpan<(string Key, string? Value)> pairs)
    {
        var text = new StringBuilder($"{FieldName}: {result.Word()} ({comment})");
        var separator = "";
        foreach (var (key, value) in pairs)
        {
            if (value is not null)
            {
                text.Append(separator).Append("\r\n\t").Append(key).Append('=');
                Quote(value, text);
                separator = ";";
            }
        }

        return text.Append("\r\n").ToString();
    }

    /// <summary>As a dot-atom where it is one, and otherwise in quotes.</summary>
    private static void Quote(string value, StringBuilder text)
    {
        var shown = value.AsSpan(0, Math.Min(value.Length, MaxValue));
        if (!shown.ContainsAnyExcept(AtomText) && IsDotted(shown))
        {
            text.Append(shown);
            return;
        }

        text.Append('"');
        foreach (var c in shown)
        {
            if (c is '"' or '\\')
            {
                text.Append('\\');
            }

            text.Append(c is >= ' ' and <= '~' ? c : '?');
        }

        text.Append('"');
    }

    private static bool IsDotted(ReadOnlySpan<char> text) =>
        text is not [] and not ['.', ..] and not [.., '.'] && !text.Contains("..", StringComparison.Ordinal);
}
