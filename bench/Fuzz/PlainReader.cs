using System.Text;

namespace Relay.Fuzz;

/// <summary>A message that has to be in the spool, and the command lines that made it.</summary>
internal sealed record PlainMessage(string MailLine, IReadOnlyList<string> RcptLines, string Content, bool IsChunked)
{
    public bool IsBinary => MailLine.Contains("BODY=BINARYMIME", StringComparison.OrdinalIgnoreCase);
}

/// <summary>
/// What a session meant, said once more in the plainest way: a walk over the whole input with the server's replies beside it.
/// Which octets are commands and which are content is decided here alone, by RFC 5321; the replies tell only whether a command
/// was taken. A server that sees a command where this reader sees content gives one reply too many, or stores what is not
/// expected here.
/// </summary>
internal sealed class PlainReader(string input, IReadOnlyList<Reply> replies, bool isTrusted, long maxMessageSize)
{
    private const int MaxCommandLine = 12 * 1024;

    /// <summary>A chunk that is this many times too big is not waited for.</summary>
    private const int Overrun = 4;

    private readonly List<PlainMessage> messages = [];
    private readonly StringBuilder chunks = new();
    private List<string> rcptLines = [];
    private string? mailLine;
    private int position;
    private int nextReply;
    private bool isOver;
    private bool onlyLineFeeds = true;

    /// <summary>Messages that the server has accepted, in order.</summary>
    public IReadOnlyList<PlainMessage> Messages => messages;

    /// <summary>Walks to the end.</summary>
    /// <returns>Where replies and input do not fit; null when they do.</returns>
    public string? Read()
    {
        var complaint = Expect(220);
        while (complaint is null && !isOver && NextLine() is { } line)
        {
            complaint = Command(line.Text, line.EndsInCrLf, line.IsTooLong);
        }

        if (complaint is null && nextReply < replies.Count)
        {
            complaint = $"replies to what is no command, from: {replies[nextReply].Text}";
        }

        return complaint;
    }

    private (string Text, bool EndsInCrLf, bool IsTooLong)? NextLine()
    {
        var end = input.IndexOf('\n', position);
        if (end < 0)
        {
            return null;
        }

        var line = input[position..end];
        position = end + 1;
        var endsInCrLf = line.EndsWith('\r');
        return (endsInCrLf ? line[..^1] : line, endsInCrLf, line.Length + 1 > MaxCommandLine);
    }

    private string? Command(string line, bool endsInCrLf, bool isTooLong)
    {
        onlyLineFeeds &= !endsInCrLf;
        if (!isTrusted && (!endsInCrLf || (!isTooLong && line.Contains('\r'))))
        {
            isOver = true;
            return Expect(500);
        }

        // The reply to BDAT comes after its octets: where they never come whole, there is none.
        if (!isTooLong && PlainChunk.Parse(line) is { } chunk && chunk.Size / Overrun <= maxMessageSize && chunk.Size > input.Length - position)
        {
            return UnfinishedChunk(chunk.Size);
        }

        if (NextReply() is not { } reply)
        {
            return $"no reply to: {Text.Shown(line)}";
        }

        isOver = reply.Code is 421 or 221;
        if (isOver)
        {
            return null;
        }

        if (isTooLong)
        {
            return reply.Code == 500 ? null : $"a line too long got: {reply.Text}";
        }

        return Effect(line, line.Split(' ')[0].TrimEnd('\t').ToUpperInvariant(), reply);
    }

    private string? Effect(string line, string verb, Reply reply)
    {
        switch (verb)
        {
            case "DATA" when reply.Code == 354:
                return mailLine is null || rcptLines.Count == 0 ? "354 without sender or recipients" : Content();
            // A tab behind the verb makes it another one.
            case "BDAT" when reply.Code != 500:
                return Chunk(line, reply);
            case "AUTH" when reply.Code == 334:
                return SignIn();
            case "STARTTLS" when reply.IsPositive:
                // What follows is a handshake, and whatever came before it in clear text is thrown away.
                isOver = true;
                return null;
            case "MAIL" when reply.IsPositive:
                Reset();
                mailLine = line;
                return null;
            case "RCPT" when reply.IsPositive:
                rcptLines.Add(line);
                return null;
            case "EHLO" or "HELO" or "RSET" or "XCLIENT" when reply.IsPositive:
                Reset();
                return null;
            default:
                return reply.Code / 100 == 3 ? $"{reply.Text} to {Text.Shown(line)}" : null;
        }
    }

    private string? SignIn()
    {
        while (NextLine() is { } line)
        {
            onlyLineFeeds &= !line.EndsInCrLf;
            if (!isTrusted && (!line.EndsInCrLf || (!line.IsTooLong && line.Text.Contains('\r'))))
            {
                isOver = true;
                return Expect(500);
            }

            if (NextReply() is not { } reply)
            {
                return "no reply inside AUTH";
            }

            isOver = reply.Code == 421;
            if (reply.Code != 334)
            {
                return null;
            }
        }

        isOver = true;
        return null;
    }

    private string? Content()
    {
        var byLineFeed = isTrusted && onlyLineFeeds;
        var (content, end, bareLineEnd) = byLineFeed ? PlainContent.ByLineFeed(input, position) : PlainContent.ByCrLf(input, position);
        if (!isTrusted && bareLineEnd)
        {
            isOver = true;
            return Expect(550);
        }

        if (end < 0)
        {
            isOver = true;
            return null;
        }

        position = end;
        if (NextReply() is not { } reply)
        {
            return "no reply to a content";
        }

        if (reply.IsPositive)
        {
            messages.Add(new PlainMessage(mailLine!, rcptLines, content, IsChunked: false));
        }

        isOver = reply.Code == 421;
        Reset();
        return null;
    }

    /// <summary>
    /// The input ends inside a chunk: nothing more is said, unless what has come of it holds a bare line end of a stranger.
    /// </summary>
    private string? UnfinishedChunk(long size)
    {
        isOver = true;
        var isContent = nextReply < replies.Count;
        chunks.Append(input, position, (int)Math.Min(size, input.Length - position));
        position = input.Length;
        return isContent && HasBareLineEnd(isLast: false) ? Expect(550) : null;
    }

    // RFC 3030 §2: the octets follow whatever the reply will be
    private string? Chunk(string line, Reply reply)
    {
        if (PlainChunk.Parse(line) is not { } chunk)
        {
            isOver = true;
            return reply.Code == 501 ? null : $"{reply.Text} to {Text.Shown(line)}";
        }

        if (chunk.Size / Overrun > maxMessageSize)
        {
            isOver = true;
            return reply.Code == 552 ? null : $"{reply.Text} to a chunk without end";
        }

        var octets = input.Substring(position, (int)chunk.Size);
        position += (int)chunk.Size;
        if (reply.Code == 503)
        {
            // Out of order: dropped, and nothing has changed.
            return null;
        }

        if (reply.Code == 451)
        {
            // The spool took nothing: nobody looked at what the octets are.
            Reset();
            return null;
        }

        chunks.Append(octets);
        // Of what is too big, nobody looks whether the very last CR is bare.
        if (HasBareLineEnd(chunk.IsLast && reply.Code != 552))
        {
            isOver = true;
            return reply.Code == 550 ? null : $"{reply.Text} to a bare line end";
        }

        if (reply.IsPositive && chunk.IsLast)
        {
            messages.Add(new PlainMessage(mailLine ?? "", rcptLines, chunks.ToString(), IsChunked: true));
        }

        if (!reply.IsPositive || chunk.IsLast)
        {
            Reset();
        }

        return null;
    }

    /// <summary>A bare CR or LF of a stranger, in content that is said to be lines.</summary>
    private bool HasBareLineEnd(bool isLast)
    {
        if (isTrusted || mailLine?.Contains("BODY=BINARYMIME", StringComparison.OrdinalIgnoreCase) == true)
        {
            return false;
        }

        var bare = chunks.ToString();
        bare = !isLast && bare.EndsWith('\r') ? bare[..^1] : bare;
        return bare.Replace("\r\n", "", StringComparison.Ordinal).AsSpan().ContainsAny('\r', '\n');
    }

    private void Reset()
    {
        mailLine = null;
        rcptLines = [];
        chunks.Clear();
    }

    private Reply? NextReply() => nextReply < replies.Count ? replies[nextReply++] : null;

    private string? Expect(int code)
    {
        var reply = NextReply();
        return reply?.Code == code ? null : $"expected {code}, got {reply?.Text ?? "nothing"}";
    }
}
