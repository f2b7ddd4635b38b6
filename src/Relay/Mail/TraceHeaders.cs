using System.Buffers;
using System.Globalization;
using System.Text.Unicode;

namespace Relay.Mail;

/// <summary>The one header field that Relay adds to a message (RFC 5321 §4.4, RFC 5322 §3.6.7).</summary>
public static class TraceHeaders
{
    /// <summary>More than the longest names and addresses that RFC 5321 allows can make of it.</summary>
    private const int MaxField = 2048;

    /// <summary>Characters of the name that a client gives itself.</summary>
    private const int MaxName = 255;

    /// <summary>Visible ASCII without what has a meaning in a field: comments, quotes and the semicolon before the date.</summary>
    private static readonly SearchValues<char> Harmless = SearchValues.Create(
        [.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c).Where(c => !"();\\\"".Contains(c))]);

    private static readonly SearchValues<char> CipherText = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    /// <summary>
    /// The <c>Received:</c> field with its line end. It names the recipient only where there is just one, so that nobody reads
    /// of the others, and only in ASCII: the field must not be what keeps a message from a server without SMTPUTF8.
    /// </summary>
    public static byte[] Received(MessageId id, Origin origin, Envelope envelope, string hostName, DateTimeOffset at)
    {
        // What Relay sends on comes from itself: who handed it in stands in the field below.
        origin = origin.ForwardedFor is null ? origin : Origin.Local;
        Span<byte> field = stackalloc byte[MaxField];
        Utf8.TryWrite(field,
            $"Received: {From(origin)}by {hostName} (Relay) with {origin.Protocol} id {id.Value:N}{For(envelope)}{Tls(origin)};\r\n\t{at.UtcDateTime:ddd, dd MMM yyyy HH:mm:ss} +0000\r\n",
            out var length);
        return field[..length].ToArray();
    }

    /// <summary>A date-time of RFC 5322 §3.3, in UTC.</summary>
    public static string Date(DateTimeOffset at) =>
        at.ToUniversalTime().ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture);

    private static string From(Origin origin)
    {
        if (origin is { Helo: null, ClientAddress: null })
        {
            return "";
        }

        var name = Clean(origin.Helo ?? "unknown");
        return origin.ClientAddress switch
        {
            null => $"from {name}\r\n\t",
            { } v6 when v6.Contains(':') => $"from {name} ([IPv6:{v6}])\r\n\t",
            { } v4 => $"from {name} ([{v4}])\r\n\t",
        };
    }

    private static string For(Envelope envelope) =>
        envelope.Recipients is [{ Mailbox.IsAscii: true } only] ? $"\r\n\tfor <{only}>" : "";

    /// <summary>The cipher suite by its registered name (RFC 8314 §4.3), the last word of what the session says.</summary>
    private static string Tls(Origin origin)
    {
        var cipher = origin.Tls.AsSpan(origin.Tls.AsSpan().LastIndexOf(' ') + 1);
        return cipher.Length is > 0 and <= MaxName && !cipher.ContainsAnyExcept(CipherText) ? $"\r\n\ttls {cipher}" : "";
    }

    /// <summary>What a client said, without what could break the field or its comments.</summary>
    private static string Clean(string text)
    {
        if (text.Length is > 0 and <= MaxName && !text.AsSpan().ContainsAnyExcept(Harmless))
        {
            return text;
        }

        var clean = text.AsSpan(0, Math.Min(text.Length, MaxName)).ToArray();
        for (var i = 0; i < clean.Length; i++)
        {
            if (!Harmless.Contains(clean[i]))
            {
                clean[i] = '?';
            }
        }

        return clean.Length == 0 ? "unknown" : new string(clean);
    }
}
