namespace Relay.Mail;

/// <summary>A stored content behind its head: reads, and seeks, as if it were one. Owns the content.</summary>
/// <param name="head">What stands in place of the first octets.</param>
/// <param name="content">All of the content, seekable.</param>
internal sealed class HeadedStream(ContentHead head, Stream content) : Stream
{
    private long position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => content.Length + head.Growth;

    public override long Position
    {
        get => position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            position = value;
        }
    }

    public override int Read(Span<byte> buffer)
    {
        if (IsInHead)
        {
            return ReadHead(buffer);
        }

        SeekContent();
        return Count(content.Read(buffer));
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (IsInHead)
        {
            return ReadHead(buffer.Span);
        }

        SeekContent();
        return Count(await content.ReadAsync(buffer, cancellationToken));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
    {
        SeekOrigin.Begin => 0,
        SeekOrigin.Current => position,
        _ => Length,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await content.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            content.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool IsInHead => position < head.Octets.Length;

    private int ReadHead(Span<byte> buffer)
    {
        var part = head.Octets.Span[(int)position..];
        part = part[..Math.Min(part.Length, buffer.Length)];
        part.CopyTo(buffer);
        return Count(part.Length);
    }

    /// <summary>A file that is set to where it is would read its buffer anew.</summary>
    private void SeekContent()
    {
        if (content.Position != position - head.Growth)
        {
            content.Position = position - head.Growth;
        }
    }

    private int Count(int read)
    {
        position += read;
        return read;
    }
}
