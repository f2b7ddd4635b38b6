using MimeKit;

namespace Relay.Transport;

/// <summary>
/// Looks over a message, a piece at a time, before it is taken apart in memory: a part or a field of a few octets becomes an object of a
/// kilobyte, and a message that is made of nothing else would take all there is.
/// </summary>
internal sealed class MimeLimits : MimeReader
{
    /// <summary>Parts of a message, those that hold others too.</summary>
    internal const int MaxParts = 1000;

    /// <summary>Header fields of a message and of its parts.</summary>
    internal const int MaxFields = 10_000;

    private int parts;
    private int fields;

    private MimeLimits(ParserOptions options, Stream content)
        : base(options, content)
    {
    }

    /// <summary>Throws <see cref="FormatException"/>, as the parser does, where the message is beyond them; leaves the content at its start.</summary>
    public static async Task CheckAsync(ParserOptions options, Stream content, CancellationToken cancel)
    {
        content.Position = 0;
        await new MimeLimits(options, content).ReadMessageAsync(cancel);
        content.Position = 0;
    }

    /// <inheritdoc/>
    protected override void OnMimePartBegin(ContentType contentType, long beginOffset, int beginLineNumber, CancellationToken cancellationToken) => CountPart();

    /// <inheritdoc/>
    protected override void OnMultipartBegin(ContentType contentType, long beginOffset, int beginLineNumber, CancellationToken cancellationToken) => CountPart();

    /// <inheritdoc/>
    protected override void OnMessagePartBegin(ContentType contentType, long beginOffset, int beginLineNumber, CancellationToken cancellationToken) => CountPart();

    /// <inheritdoc/>
    protected override void OnHeaderRead(Header header, int beginLineNumber, CancellationToken cancellationToken)
    {
        if (++fields > MaxFields)
        {
            throw new FormatException($"it has more than {MaxFields} header fields");
        }
    }

    private void CountPart()
    {
        if (++parts > MaxParts)
        {
            throw new FormatException($"it has more than {MaxParts} parts");
        }
    }
}
