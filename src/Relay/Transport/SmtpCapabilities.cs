using System.Globalization;
using Relay.Replies;

namespace Relay.Transport;

/// <summary>What a remote server said it can do (RFC 5321 §4.1.1.1). After HELO: nothing.</summary>
internal sealed record SmtpCapabilities
{
    /// <summary>Those of a server that knows HELO only.</summary>
    public static SmtpCapabilities None { get; } = new();

    /// <summary>Commands may be sent without waiting for each reply (RFC 2920).</summary>
    public bool Pipelining { get; private init; }

    /// <summary>MAIL takes SIZE= (RFC 1870).</summary>
    public bool Size { get; private init; }

    /// <summary>The largest message it takes, in octets; null where it does not say (RFC 1870 §3).</summary>
    public long? MaxSize { get; private init; }

    /// <summary>It takes octets above 127 (RFC 6152).</summary>
    public bool EightBitMime { get; private init; }

    /// <summary>It takes UTF-8 in addresses and header (RFC 6531).</summary>
    public bool SmtpUtf8 { get; private init; }

    /// <summary>It can change to TLS (RFC 3207).</summary>
    public bool StartTls { get; private init; }

    /// <summary>It takes RET, ENVID, NOTIFY and ORCPT, and heeds them (RFC 3461).</summary>
    public bool Dsn { get; private init; }

    /// <summary>It has BDAT (RFC 3030 §2).</summary>
    public bool Chunking { get; private init; }

    /// <summary>It takes any octets, by BDAT (RFC 3030 §3).</summary>
    public bool BinaryMime { get; private init; }

    /// <summary>It will hand the message on over TLS only (RFC 8689). It means something under TLS alone.</summary>
    public bool RequireTls { get; private init; }

    /// <summary>The mechanisms of AUTH (RFC 4954 §3), in upper case. Old servers write <c>AUTH=</c>.</summary>
    public IReadOnlyList<string> Auth { get; private init; } = [];

    /// <summary>Reads the reply to EHLO: a keyword with parameters on each line after the first.</summary>
    public static SmtpCapabilities Read(SmtpReply ehlo)
    {
        var capabilities = None;
        foreach (var line in ehlo.Text.Split('\n').Skip(1))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            capabilities = words is [var keyword, ..] ? capabilities.With(keyword.ToUpperInvariant(), words) : capabilities;
        }

        return capabilities;
    }

    private SmtpCapabilities With(string keyword, string[] words) => keyword switch
    {
        "PIPELINING" => this with { Pipelining = true },
        "SIZE" => this with { Size = true, MaxSize = ReadSize(words) },
        "8BITMIME" => this with { EightBitMime = true },
        "SMTPUTF8" => this with { SmtpUtf8 = true },
        "STARTTLS" => this with { StartTls = true },
        "DSN" => this with { Dsn = true },
        "CHUNKING" => this with { Chunking = true },
        "BINARYMIME" => this with { BinaryMime = true },
        "AUTH" => this with { Auth = [.. Auth, .. words.Skip(1).Select(word => word.ToUpperInvariant())] },
        ['A', 'U', 'T', 'H', '=', .. var first] => this with { Auth = [.. Auth, first, .. words.Skip(1).Select(word => word.ToUpperInvariant())] },
        "REQUIRETLS" => this with { RequireTls = true },
        _ => this,
    };

    /// <summary>Zero means no fixed maximum (RFC 1870 §3); what is no number says nothing.</summary>
    private static long? ReadSize(string[] words) =>
        words.Length > 1 && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0
            ? size
            : null;
}
