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
}
