using System.Text;

namespace Relay.Load;

/// <summary>What the client says, made once.</summary>
internal sealed class Commands
{
    public Commands(LoadOptions options)
    {
        Mail = Line($"MAIL FROM:<{options.From}>");
        Rcpt = Line($"RCPT TO:<{options.To}>");
        Auth = options.User is null
            ? null
            : Line("AUTH PLAIN " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{options.User}\0{options.Password}")));
        Content = MakeContent(options);
    }

    public static byte[] Ehlo { get; } = Line("EHLO client.test");

    public static byte[] StartTls { get; } = Line("STARTTLS");

    public static byte[] Data { get; } = Line("DATA");

    public static byte[] Quit { get; } = Line("QUIT");

    public byte[] Mail { get; }

    public byte[] Rcpt { get; }

    public byte[]? Auth { get; }

    /// <summary>The header and so many octets of text in lines of 80, with the final dot.</summary>
    public byte[] Content { get; }

    private static byte[] Line(string text) => Encoding.UTF8.GetBytes(text + "\r\n");

    private static byte[] MakeContent(LoadOptions options)
    {
        var text = new StringBuilder($"From: <{options.From}>\r\nTo: <{options.To}>\r\nSubject: load\r\n\r\n");
        for (var length = 0; length < options.Length; length += 80)
        {
            text.Append('X', Math.Min(78, Math.Max(0, options.Length - length - 2))).Append("\r\n");
        }

        return Encoding.ASCII.GetBytes(text.Append(".\r\n").ToString());
    }
}
