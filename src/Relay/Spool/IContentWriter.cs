using System.Buffers;

namespace Relay.Spool;

/// <summary>
/// Takes the octets of one message as they arrive. Write, then <see cref="FlushAsync"/> often: memory stays bounded only
/// between flushes.
/// </summary>
public interface IContentWriter : IBufferWriter<byte>, IAsyncDisposable
{
    /// <summary>Octets written so far.</summary>
    long Length { get; }

    /// <summary>Lets the spool move what was written out of memory. Throws <see cref="SpoolException"/> when it has no room.</summary>
    ValueTask FlushAsync(CancellationToken cancel);

    /// <summary>
    /// The content as it would be accepted now, to look at: seekable, at its start. Write nothing while it is open, and dispose it
    /// before the writer. Throws <see cref="SpoolException"/> when it cannot be read.
    /// </summary>
    ValueTask<Stream> OpenReadAsync(CancellationToken cancel);

    /// <summary>
    /// Replaces the first octets, once all is written: 0 puts <paramref name="head"/> in front. The rest is not touched, and large
    /// content not copied.
    /// </summary>
    /// <param name="length">Octets that <paramref name="head"/> stands in place of.</param>
    /// <param name="head">Must stay as it is until the content is accepted or given up.</param>
    void ReplaceHead(int length, ReadOnlyMemory<byte> head);
}
