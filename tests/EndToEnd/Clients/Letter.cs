using System.Text;

namespace Relay.EndToEnd.Clients;

/// <summary>A message that shows whatever a client or the relay would change: dots, blanks, a long line, 8-bit text.</summary>
internal static class Letter
{
    /// <summary>With CRLF line ends, as it goes over the wire.</summary>
    public static byte[] CrLf { get; } = Encoding.UTF8.GetBytes(Lines("\r\n"));

    /// <summary>With LF line ends, as programs of Unix have it.</summary>
    public static string Lf { get; } = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(Lines("\n")));

    /// <summary>With CRLF line ends and stuffed dots (RFC 5321 §4.5.2), each octet a character.</summary>
    public static string Stuffed { get; } = Encoding.Latin1.GetString(CrLf).Replace("\r\n.", "\r\n..");

    /// <summary>Each character as an octet.</summary>
    public static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);

    private static string Lines(string end) => string.Concat(new[]
    {
        "From: App <app@example.com>",
        "To: Someone <someone@example.net>",
        "Subject: a letter",
        "Date: Mon, 02 Feb 2026 03:04:05 +0000",
        "Message-ID: <letter-1@example.com>",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        "Grüße, 你好.",
        ".",
        "..",
        ".a line that begins with a dot",
        "From the first column",
        "trailing blanks   ",
        "\tand a tab",
        new string('x', 900),
        "",
        "the end",
    }.Select(line => line + end));
}
