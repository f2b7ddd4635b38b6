namespace Relay.Telemetry;

/// <summary>Text of others (addresses, replies, names) on its way to a terminal or a log.</summary>
public static class LogText
{
    /// <summary>One line without anything that a terminal would obey: control characters and changes of writing direction become <c>?</c>.</summary>
    public static string OneLine(string text) =>
        text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0
            ? text
            : string.Create(text.Length, text, static (line, text) =>
            {
                for (var i = 0; i < text.Length; i++)
                {
                    line[i] = text[i] is '\n' or '\t' ? ' ' : IsObeyed(text[i]) ? '?' : text[i];
                }
            });

    private static bool IsObeyed(char c) => char.IsControl(c) || c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
