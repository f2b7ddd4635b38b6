using System.Globalization;
using System.Text;

namespace Relay.Fuzz;

/// <summary>
/// Makes sessions from a seed: dialogs that are right, and what becomes of them when they are bent. The text is held in
/// Latin-1, one character an octet.
/// </summary>
internal sealed class SessionGenerator(Random random)
{
    /// <summary>The reverse-path of every message that somebody tries to smuggle.</summary>
    public const string Marker = "smuggled@evil.test";

    private static readonly string[] Names = ["client.test", "[192.0.2.1]", "[IPv6:2001:db8::1]", "a", "-", "", "x y", "\u00e9.test", "a\tb"];

    private static readonly string[] Addresses =
    [
        "a@client.test", "b@example.test", "\"quoted one\"@example.test", "\"a>b\\\"c\"@example.test", "@hop.test:c@example.test",
        "postmaster", "d@[192.0.2.1]", "", "e", "f@", "@", "x%y@example.test", "\u00c3\u00a9@example.test", Marker,
    ];

    private static readonly string[] Parameters =
    [
        " SIZE=100", " SIZE=99999999999", " BODY=8BITMIME", " BODY=7BIT", " BODY=BINARYMIME", " SMTPUTF8", " AUTH=<>", " RET=HDRS",
        " ENVID=a+2Bb", " REQUIRETLS", " X=Y", " SIZE", " ", " SIZE=1 SIZE=2", " NOTIFY=NEVER", " ORCPT=rfc822;a+40b",
    ];

    private static readonly string[] OtherCommands =
    [
        "NOOP", "NOOP x", "RSET", "RSET x", "VRFY a", "VRFY", "EXPN l", "HELP", "", " ", "XYZZY", "DATA", "DATA x", "QUIT x", "MAIL", "RCPT",
        "MAIL FROM", "RCPT TO:", "data", "GET / HTTP/1.1", "STARTTLS", "STARTTLS x", "EHLO again.test", "HELO again.test", "BDAT", "BDAT x LAST",
        "BDAT 99999999999999999999 LAST", "BDAT -1", "BDAT 0 LAST", "XCLIENT ADDR=127.0.0.1", "XCLIENT ADDR=[UNAVAILABLE] HELO=a+0D+0Ab",
        "AUTH", "AUTH PLAIN", "AUTH LOGIN", "AUTH PLAIN =", "AUTH PLAIN AGEAYg==", "AUTH PLAIN \u00ff\u00ff", "AUTH XOAUTH2 dXNlcj1h",
        "AUTH SCRAM-SHA-256 biwsbj11c2VyLHI9cg==", "AUTH OAUTHBEARER bixhPWEsAWF1dGg9QmVhcmVyIHgBAQ==", "*", "AGEAYg==", "dXNlcg==", "====",
    ];

    /// <summary>What some servers have taken for the end of the content.</summary>
    private static readonly string[] FalseEnds =
    [
        "\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\r\n\0.\r\n", "\r\n.\0\r\n", "\r\n. \r\n", "\r\n..\r\n",
        "\r\n.\r\r\n", "\r\n.\t\r\n", "\n\n.\r\n", "\r\r\n.\r\r\n", "\r\n.\r\n\r\n", "\r\n.\u0085\r\n", "\r\n\u0000", "\u001a\r\n.",
    ];

    private static readonly string[] Splices =
    [
        "\r", "\n", "\r\n", ".", "\r\n.", "\r\n.\r\n", "\0", "\u00ff", " ", "\t", "<", ">", "\"", "\\", ":", "=", "BDAT 5 LAST\r\n",
        $"MAIL FROM:<{Marker}>", $"\r\nMAIL FROM:<{Marker}>\r\n", "\r\nDATA\r\n", "\r\nQUIT\r\n", "\r\nRSET\r\n", "PROXY UNKNOWN\r\n",
    ];

    private readonly StringBuilder text = new();
    private string lineEnd = "\r\n";

    /// <summary>The next client.</summary>
    public ClientSession Next()
    {
        var isTrusted = random.Next(2) == 0;
        lineEnd = OneIn(isTrusted ? 4 : 32) ? "\n" : "\r\n";
        text.Clear();
        Dialog();
        var input = OneIn(2) ? Mutated(text.ToString()) : text.ToString();
        return new ClientSession(
            isTrusted, Encoding.Latin1.GetBytes(input), (Chunking)random.Next(4), random.Next(),
            OneIn(16) ? (SpoolTrouble)random.Next(1, 3) : SpoolTrouble.None, OneIn(8));
    }

    private void Dialog()
    {
        if (OneIn(24))
        {
            ProxyHeader();
        }

        Line((OneIn(8) ? "HELO " : "EHLO ") + (OneIn(6) ? Pick(Names) : "client.test"));
        for (var transactions = random.Next(4); transactions > 0; transactions--)
        {
            Stray();
            Line($"MAIL FROM:<{(OneIn(4) ? Pick(Addresses) : "a@client.test")}>{(OneIn(4) ? Pick(Parameters) : "")}");
            Stray();
            for (var recipients = random.Next(1, 4); recipients > 0; recipients--)
            {
                Line($"RCPT TO:<{(OneIn(6) ? Pick(Addresses) : "b@example.test")}>{(OneIn(16) ? Pick(Parameters) : "")}");
            }

            Stray();
            if (OneIn(6))
            {
                Chunks();
            }
            else
            {
                Line(OneIn(32) ? "DATA " : "DATA");
                Content();
                text.Append('.').Append(lineEnd);
            }
        }

        Stray();
        if (!OneIn(4))
        {
            Line("QUIT");
        }

        if (OneIn(8))
        {
            Smuggled();
        }
    }

    /// <summary>Lines of content; each ends in a line end.</summary>
    private void Content()
    {
        if (OneIn(2))
        {
            text.Append("Subject: test").Append(lineEnd).Append(lineEnd);
        }

        for (var lines = random.Next(8); lines > 0; lines--)
        {
            switch (random.Next(12))
            {
                case 0:
                    Line("." + new string('.', random.Next(3)));
                    break;
                case 1:
                    Line("");
                    break;
                case 2:
                    Line(".text");
                    break;
                case 3:
                    Line(new string('x', random.Next(6000)));
                    break;
                case 4:
                    Line("\0\u0001\u00ff \u00e9");
                    break;
                case 5:
                    text.Append(Pick(FalseEnds));
                    Smuggled();
                    break;
                case 6:
                    Smuggled(stuffed: true);
                    break;
                case 7:
                    Line(Pick(OtherCommands));
                    break;
                default:
                    Line("A line of text.");
                    break;
            }
        }
    }

    /// <summary>A message as BDAT sends it (RFC 3030), with sizes that are mostly right.</summary>
    private void Chunks()
    {
        for (var chunks = random.Next(1, 4); chunks > 0; chunks--)
        {
            var before = text.Length;
            Content();
            var chunk = text.ToString(before, text.Length - before);
            text.Length = before;
            var size = Math.Max(0, chunk.Length + (OneIn(4) ? random.Next(-5, 6) : 0));
            Line(string.Create(CultureInfo.InvariantCulture, $"BDAT {size}{(chunks == 1 ? " LAST" : "")}"));
            text.Append(chunk);
        }
    }

    /// <summary>A whole transaction, which is only text where it stands inside a content.</summary>
    private void Smuggled(bool stuffed = false)
    {
        Line($"MAIL FROM:<{Marker}>");
        Line("RCPT TO:<victim@else.test>");
        Line("DATA");
        Line("owned");
        Line(stuffed ? ".." : OneIn(2) ? "x" : ".");
    }

    private void ProxyHeader()
    {
        text.Append(random.Next(4) switch
        {
            0 => "PROXY TCP4 127.0.0.1 192.0.2.1 1025 25\r\n",
            1 => "PROXY UNKNOWN\r\n",
            2 => "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u000c\u007f\0\0\u0001\u00c0\0\u0002\u0001\0\u0019\0\u0019",
            _ => "\r\n\r\n\0\r\nQUIT\n\u0020\0\0\0",
        });
    }

    private void Stray()
    {
        while (OneIn(8))
        {
            Line(OneIn(16) ? new string('N', random.Next(5000)) : Pick(OtherCommands));
        }
    }

    private string Mutated(string session)
    {
        var mutated = new StringBuilder(session);
        for (var changes = random.Next(1, 6); changes > 0 && mutated.Length > 0; changes--)
        {
            var at = random.Next(mutated.Length);
            var length = Math.Min(1 << random.Next(8), mutated.Length - at);
            switch (random.Next(8))
            {
                case 0:
                    mutated[at] ^= (char)(1 << random.Next(8));
                    break;
                case 1:
                    mutated.Remove(at, length);
                    break;
                case 2:
                    mutated.Insert(at, mutated.ToString(at, length));
                    break;
                case 3:
                    mutated.Insert(random.Next(mutated.Length), mutated.ToString(at, length));
                    break;
                case 4 when OneIn(4):
                    mutated.Length = at;
                    break;
                case 5:
                    mutated.Replace("\r\n", OneIn(2) ? "\n" : "\r", at, length);
                    break;
                default:
                    mutated.Insert(at, OneIn(8) ? Pick(FalseEnds) : Pick(Splices));
                    break;
            }
        }

        return mutated.ToString();
    }

    private void Line(string line) => text.Append(line).Append(lineEnd);

    private bool OneIn(int count) => random.Next(count) == 0;

    private string Pick(string[] from) => from[random.Next(from.Length)];
}
