namespace Relay.Checks.Content;

/// <summary>
/// The content for a reader that cannot be told to stop: it comes to its end where nothing more is wanted. Inside of a header
/// it also ends where that is too long, since the reader keeps the whole of a field and grows its buffer in small steps.
/// </summary>
internal sealed class BoundedInput(Stream content) : Stream
{
    /// <summary>Octets of the header of one part.</summary>
    private const int MaxHeader = 256 * 1024;

    private long left = long.MaxValue;

    /// <summary>A header was too long, and the rest was not read.</summary>
    public bool IsExhausted { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>A header begins, of which no more than its limit is read.</summary>
    public void BeginHeader() => left = Math.Min(left, MaxHeader);

    /// <summary>A header has ended, and what follows may be of any length; unless the end was reached.</summary>
    public void EndHeader() => left = left > 0 ? long.MaxValue : 0;

    /// <summary>Nothing more is wanted.</summary>
    public void End() => left = 0;

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Taken(content.Read(buffer, offset, Allowed(count)));

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Taken(await content.ReadAsync(buffer[..Allowed(buffer.Length)], cancellationToken));

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Allowed(int count) => (int)Math.Min(count, left);

    private int Taken(int count)
    {
        if (left != long.MaxValue)
        {
            left -= count;
            IsExhausted |= left == 0 && count > 0;
        }

        return count;
    }
}
