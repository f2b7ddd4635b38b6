using System.Net;

namespace Relay.Cli;

/// <summary>Text of others (addresses, replies, names) on its way to a terminal or a log.</summary>
internal static class Text
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

    /// <summary>At most so many characters.</summary>
    public static string Short(string text, int max) => text.Length <= max ? text : text[..(max - 1)] + "…";

    /// <summary>A time in UTC, to the second.</summary>
    public static string Time(DateTimeOffset at) => $"{at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss}Z";

    /// <summary>An address that a client on this machine can use to reach who listens there.</summary>
    public static IPEndPoint Reachable(IPEndPoint listener) =>
        listener.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, listener.Port)
        : listener.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, listener.Port)
        : listener;

    private static bool IsObeyed(char c) => char.IsControl(c) || c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
