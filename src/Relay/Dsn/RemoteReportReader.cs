using System.Buffers;
using MimeKit;
using MimeKit.IO.Filters;
using MimeKit.Utils;
using Relay.Checks.Content;
using Relay.Mail;
using Relay.Spool;

namespace Relay.Dsn;

/// <summary>
/// Finds the part for programs in a <c>multipart/report</c> (RFC 6522) and reads what it says of each recipient (RFC 3464).
/// However hostile the message is, no more is kept of it than one header and <see cref="MaxStatus"/> octets of that part, and
/// reading ends behind it.
/// </summary>
internal sealed class RemoteReportReader : MimeReader
{
    /// <summary>Octets of the part for programs; what stands behind is not read.</summary>
    internal const int MaxStatus = 256 * 1024;

    /// <summary>Recipients; we send to no more at a time.</summary>
    internal const int MaxRecipients = 100;

    /// <summary>Parts inside of parts: those of a report lie in it, and what it brings back is of no matter.</summary>
    internal const int MaxDepth = 5;

    private readonly BoundedInput input;
    private readonly ArrayBufferWriter<byte> status = new();
    private ContentEncoding encoding;
    private DecoderFilter? decoder;
    private int depth;
    private bool isStatus;
    private bool isOver;

    private RemoteReportReader(BoundedInput input)
        : base(new ParserOptions { MaxMimeDepth = MaxDepth }, input) => this.input = input;

    /// <summary>What is said of each recipient; empty when it is no report.</summary>
    /// <param name="content">The message, seekable.</param>
    /// <param name="arrivedAt">When it arrived: nothing that it tells of can be later.</param>
    public static async Task<IReadOnlyList<RemoteReport>> ReadAsync(Stream content, DateTimeOffset arrivedAt, CancellationToken cancel)
    {
        content.Position = 0;
        await using var input = new BoundedInput(content);
        var reader = new RemoteReportReader(input);
        try
        {
            await reader.ReadMessageAsync(cancel);
        }
        catch (FormatException)
        {
            // It has no header at all.
        }

        return RemoteReportFields.Read(reader.status.WrittenMemory, MaxRecipients, arrivedAt);
    }

    /// <inheritdoc/>
    protected override void OnHeadersBegin(long beginOffset, int beginLineNumber, CancellationToken cancellationToken)
    {
        input.BeginHeader();
        encoding = ContentEncoding.Default;
    }

    /// <inheritdoc/>
    protected override void OnHeadersEnd(
        long beginOffset, int beginLineNumber, long endOffset, int endLineNumber, CancellationToken cancellationToken) =>
        input.EndHeader();

    /// <inheritdoc/>
    protected override void OnHeaderRead(Header header, int beginLineNumber, CancellationToken cancellationToken)
    {
        if (header.Id == HeaderId.ContentTransferEncoding && MimeUtils.TryParse(header.Value, out ContentEncoding read))
        {
            encoding = read;
        }
    }

    /// <inheritdoc/>
    protected override void OnMultipartBegin(
        ContentType contentType, long beginOffset, int beginLineNumber, CancellationToken cancellationToken)
    {
        if (++depth == 1 && !IsReport(contentType))
        {
            End();
        }
    }

    /// <inheritdoc/>
    protected override void OnMultipartEnd(ContentType contentType, long beginOffset, int beginLineNumber,
        long headersEndOffset, long endOffset, int lines, CancellationToken cancellationToken) => depth--;

    /// <inheritdoc/>
    protected override void OnMessagePartBegin(
        ContentType contentType, long beginOffset, int beginLineNumber, CancellationToken cancellationToken) => depth++;

    /// <inheritdoc/>
    protected override void OnMessagePartEnd(ContentType contentType, long beginOffset, int beginLineNumber,
        long headersEndOffset, long endOffset, int lines, CancellationToken cancellationToken) => depth--;

    /// <inheritdoc/>
    protected override void OnMimePartBegin(
        ContentType contentType, long beginOffset, int beginLineNumber, CancellationToken cancellationToken)
    {
        if (depth == 0)
        {
            End();
        }

        isStatus = !isOver && depth == 1 &&
            (contentType.IsMimeType("message", "delivery-status") || contentType.IsMimeType("message", "global-delivery-status"));
        decoder = DecoderFilter.Create(encoding) as DecoderFilter;
    }

    /// <inheritdoc/>
    protected override void OnMimePartContentRead(byte[] buffer, int startIndex, int count, CancellationToken cancellationToken)
    {
        if (!isStatus)
        {
            return;
        }

        if (decoder is not null)
        {
            buffer = decoder.Filter(buffer, startIndex, count, out startIndex, out count);
        }

        status.Write(buffer.AsSpan(startIndex, Math.Min(count, MaxStatus - status.WrittenCount)));
        if (status.WrittenCount == MaxStatus)
        {
            End();
        }
    }

    /// <inheritdoc/>
    protected override void OnMimePartContentEnd(long beginOffset, int beginLineNumber, long endOffset, int lines,
        NewLineFormat? newLineFormat, CancellationToken cancellationToken)
    {
        if (isStatus)
        {
            End();
        }

        isStatus = false;
    }

    /// <summary>Nothing more is read; what is in the reader's hands already is passed over.</summary>
    private void End()
    {
        isOver = true;
        input.End();
    }

    private static bool IsReport(ContentType type) =>
        type.IsMimeType("multipart", "report") &&
        "delivery-status".Equals(type.Parameters["report-type"], StringComparison.OrdinalIgnoreCase);
}
