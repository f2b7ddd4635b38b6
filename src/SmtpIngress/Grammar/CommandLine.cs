using System.Text;

namespace Relay.SmtpIngress.Grammar;

/// <summary>The commands: RFC 5321 §4.1.1, RFC 3207 §4, RFC 4954 §4, RFC 3030 §2, and XCLIENT, which is Postfix'.</summary>
internal enum Verb
{
    Unknown,
    Helo,
    Ehlo,
    StartTls,
    Auth,
    Xclient,
    Mail,
    Rcpt,
    Data,
    Bdat,
    Rset,
    Noop,
    Vrfy,
    Expn,
    Help,
    Quit,
}

/// <summary>A command line, taken apart.</summary>
/// <param name="verb">Which command.</param>
/// <param name="argument">What follows the verb, without the white space around it.</param>
internal readonly ref struct CommandLine(Verb verb, ReadOnlySpan<byte> argument)
{
    public Verb Verb { get; } = verb;

    public ReadOnlySpan<byte> Argument { get; } = argument;

    // command-line = verb [ SP argument ] [ trailing white space, RFC 5321 §4.1.1 ]
    // verb         = letters, without case (§2.4)
    public static CommandLine Parse(ReadOnlySpan<byte> line)
    {
        var end = line.IndexOf((byte)' ');
        return end < 0
            ? new CommandLine(VerbOf(line.TrimEnd("\t"u8)), default)
            : new CommandLine(VerbOf(line[..end]), line[end..].Trim(" \t"u8));
    }

    /// <summary>True for a request of HTTP: a web page has made a browser talk to this port.</summary>
    public bool IsHttpRequest => Verb == Verb.Unknown && Argument.IndexOf("HTTP/"u8) >= 0;

    private static Verb VerbOf(ReadOnlySpan<byte> word)
    {
        if (word.Length is < 4 or > 8)
        {
            return Verb.Unknown;
        }

        Span<byte> upper = stackalloc byte[word.Length];
        Ascii.ToUpper(word, upper, out _);
        return upper switch
        {
            _ when upper.SequenceEqual("HELO"u8) => Verb.Helo,
            _ when upper.SequenceEqual("EHLO"u8) => Verb.Ehlo,
            _ when upper.SequenceEqual("MAIL"u8) => Verb.Mail,
            _ when upper.SequenceEqual("RCPT"u8) => Verb.Rcpt,
            _ when upper.SequenceEqual("DATA"u8) => Verb.Data,
            _ when upper.SequenceEqual("BDAT"u8) => Verb.Bdat,
            _ when upper.SequenceEqual("RSET"u8) => Verb.Rset,
            _ when upper.SequenceEqual("NOOP"u8) => Verb.Noop,
            _ when upper.SequenceEqual("AUTH"u8) => Verb.Auth,
            _ when upper.SequenceEqual("STARTTLS"u8) => Verb.StartTls,
            _ when upper.SequenceEqual("XCLIENT"u8) => Verb.Xclient,
            _ when upper.SequenceEqual("VRFY"u8) => Verb.Vrfy,
            _ when upper.SequenceEqual("EXPN"u8) => Verb.Expn,
            _ when upper.SequenceEqual("HELP"u8) => Verb.Help,
            _ when upper.SequenceEqual("QUIT"u8) => Verb.Quit,
            _ => Verb.Unknown,
        };
    }
}
