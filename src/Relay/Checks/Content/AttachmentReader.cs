using System.Text;
using MimeKit;
using MimeKit.IO.Filters;
using MimeKit.Utils;

namespace Relay.Checks.Content;

/// <summary>What an attachment, or the whole of them, is found to be.</summary>
/// <param name="Reason">One of <see cref="CheckReasons"/>.</param>
/// <param name="Detail">For the log.</param>
internal sealed record AttachmentFinding(string Reason, string Detail);

/// <summary>
/// Goes through the parts of a message and ends at the first that is found to be at fault. It holds a piece of the message at
/// a time and stops at its limits: what is beyond them is a finding itself, or else everything could hide there.
/// </summary>
internal sealed class AttachmentReader : MimeReader
{
    /// <summary>Parts inside of parts.</summary>
    internal const int MaxDepth = 50;

    /// <summary>Parts of a message, those that hold others too.</summary>
    internal const int MaxParts = 10_000;

    /// <summary>Names in all archives of a message.</summary>
    internal const int MaxArchiveNames = 50_000;

    private readonly BoundedInput input;
    private readonly AttachmentNames names;
    private readonly ArchiveTail archive = new();
    private AttachmentFinding? finding;
    private int depth;
    private int parts;
    private int archiveNames;
    private int contentTypes;
    private ContentEncoding? encoding;
    private bool isArchive;
    private DecoderFilter? decoder;

    private AttachmentReader(BoundedInput input, AttachmentNames names)
        : base(new ParserOptions { MaxMimeDepth = MaxDepth + 2 }, input)
    {
        this.input = input;
        this.names = names;
    }

    /// <summary>The first finding; null where there is none.</summary>
    public static async Task<AttachmentFinding?> FindAsync(Stream content, AttachmentNames names, CancellationToken cancel)
    {
        content.Position = 0;
        await using var input = new BoundedInput(content);
        var reader = new AttachmentReader(input, names);
        try
        {
            await reader.ReadMessageAsync(cancel);
        }
        catch (FormatException)
        {
            // It has no header at all, and so no parts.
        }

        return reader.finding ?? (input.IsExhausted ? Unclear("the header of a part is too long") : null);
    }

    /// <inheritdoc/>
    protected override void OnHeadersBegin(long beginOffset, int beginLineNumber, CancellationToken cancellationToken)
    {
        input.BeginHeader();
        (contentTypes, encoding, isArchive) = (0, null, false);
    }

    /// <inheritdoc/>
    protected override void OnHeadersEnd(
        long beginOffset, int beginLineNumber, long endOffset, int endLineNumber, CancellationToken cancellationToken) =>
        input.EndHeader();

    /// <inheritdoc/>
    protected override void OnHeaderRead(Header header, int beginLineNumber, CancellationToken cancellationToken)
    {
        switch (header.Id)
        {
            case HeaderId.ContentType:
                if (++contentTypes > 1)
                {
                    Found(Unclear("a part has several content types"));
                }

                LookAll(ContentType.TryParse(Options, header.RawValue, out var type) ? type.Parameters : [], header);
                break;
            case HeaderId.ContentDisposition:
                LookAll(ContentDisposition.TryParse(Options, header.RawValue, out var disposition) ? disposition.Parameters : [], header);
                break;
            case HeaderId.ContentTransferEncoding when encoding is null && MimeUtils.TryParse(header.Value, out ContentEncoding read):
                encoding = read;
                break;
        }
    }

    /// <inheritdoc/>
    protected override void OnMultipartBegin(
        ContentType contentType, long beginOffset, int beginLineNumber, CancellationToken cancellationToken) => Enter();

    /// <inheritdoc/>
    protected override void OnMultipartEnd(ContentType contentType, long beginOffset, int beginLineNumber,
        long headersEndOffset, long endOffset, int lines, CancellationToken cancellationToken) => depth--;

    /// <inheritdoc/>
    protected override void OnMessagePartBegin(
        ContentType contentType, long beginOffset, int beginLineNumber, CancellationToken cancellationToken) => Enter();

    /// <inheritdoc/>
    protected override void OnMessagePartEnd(ContentType contentType, long beginOffset, int beginLineNumber,
        long headersEndOffset, long endOffset, int lines, CancellationToken cancellationToken) => depth--;

    /// <inheritdoc/>
    protected override void OnMimePartBegin(
        ContentType contentType, long beginOffset, int beginLineNumber, CancellationToken cancellationToken)
    {
        Count();
        isArchive |= contentType.IsMimeType("application", "zip") || contentType.IsMimeType("application", "x-zip-compressed");
        if (isArchive)
        {
            archive.Clear();
            decoder = DecoderFilter.Create(encoding ?? ContentEncoding.Default) as DecoderFilter;
        }
    }

    /// <inheritdoc/>
    protected override void OnMimePartContentRead(byte[] buffer, int startIndex, int count, CancellationToken cancellationToken)
    {
        if (!isArchive)
        {
            return;
        }

        if (decoder is not null)
        {
            buffer = decoder.Filter(buffer, startIndex, count, out startIndex, out count);
        }

        archive.Append(buffer.AsSpan(startIndex, count));
    }

    /// <inheritdoc/>
    protected override void OnMimePartContentEnd(long beginOffset, int beginLineNumber, long endOffset, int lines,
        NewLineFormat? newLineFormat, CancellationToken cancellationToken)
    {
        if (isArchive)
        {
            LookInArchive(archive.Names());
        }
    }

    private static AttachmentFinding Unclear(string detail) => new(CheckReasons.MimeUnclear, detail);

    /// <summary>
    /// The names as the standards have them, and as they look to a program that takes what is before and behind an equals sign:
    /// where a field is broken, or has two names, programs do not agree on which one counts.
    /// </summary>
    private void LookAll(IEnumerable<Parameter> parameters, Header header)
    {
        foreach (var parameter in parameters)
        {
            Look(parameter.Name, parameter.Value);
        }

        foreach (var pair in header.Value.Split(';'))
        {
            var equals = pair.IndexOf('=');
            if (equals > 0)
            {
                Look(pair[..equals], pair[(equals + 1)..].Trim(' ', '\t', '"'));
            }
        }
    }

    private void Look(string parameter, string value)
    {
        // "name", "filename", and what is left of them in a broken field.
        if (!parameter.AsSpan().TrimEnd().EndsWith("name", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        isArchive |= AttachmentNames.Plain(value).EndsWith(".zip", StringComparison.OrdinalIgnoreCase);
        if (names.Find(value) is { } detail)
        {
            Found(new AttachmentFinding(CheckReasons.AttachmentName, detail));
        }
    }

    private void LookInArchive(IReadOnlyList<string> inside)
    {
        archiveNames += inside.Count;
        if (inside.Select(names.Find).FirstOrDefault(found => found is not null) is { } detail)
        {
            Found(new AttachmentFinding(CheckReasons.AttachmentInArchive, $"in an archive, {detail}"));
        }
        else if (archiveNames > MaxArchiveNames)
        {
            Found(Unclear($"there are more than {MaxArchiveNames} names in archives"));
        }
    }

    private void Enter()
    {
        Count();
        if (++depth > MaxDepth)
        {
            Found(Unclear($"parts are more than {MaxDepth} deep"));
        }
    }

    private void Count()
    {
        if (++parts > MaxParts)
        {
            Found(Unclear($"there are more than {MaxParts} parts"));
        }
    }

    private void Found(AttachmentFinding found)
    {
        finding ??= found;
        input.End();
    }
}
