using System.Buffers;

namespace Relay.Spool;

/// <summary>Octets of content that are still in memory, in an array that other sessions use after it.</summary>
internal sealed class ContentBuffer : IDisposable
{
    private byte[] array = ArrayPool<byte>.Shared.Rent(8 * 1024);

    /// <summary>Octets that are in it.</summary>
    public int Length { get; private set; }

    /// <summary>Those octets; they stay what they are until the next change.</summary>
    public ReadOnlyMemory<byte> Written => array.AsMemory(0, Length);

    /// <summary>The octets to be read as a stream, under the same condition.</summary>
    public MemoryStream Read() => new(array, 0, Length, writable: false);

    /// <summary>A copy: the array goes to other sessions, and who reads too long must not read their mail.</summary>
    public MemoryStream ReadCopy() => new(Written.ToArray(), writable: false);

    /// <inheritdoc cref="IBufferWriter{T}.Advance"/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, array.Length - Length);
        Length += count;
    }

    /// <inheritdoc cref="IBufferWriter{T}.GetMemory"/>
    public Memory<byte> GetMemory(int sizeHint)
    {
        var room = Math.Max(sizeHint, 1);
        if (array.Length - Length < room)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(array.Length * 2, Length + room));
            array.AsSpan(0, Length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(array);
            array = larger;
        }

        return array.AsMemory(Length);
    }

    /// <summary>Puts octets in place of the first ones.</summary>
    public void ReplaceHead(int length, ReadOnlySpan<byte> octets)
    {
        GetMemory(octets.Length);
        array.AsSpan(length, Length - length).CopyTo(array.AsSpan(octets.Length));
        octets.CopyTo(array);
        Length += octets.Length - length;
    }

    /// <summary>They are elsewhere now.</summary>
    public void Clear() => Length = 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(array);
        array = [];
    }
}
