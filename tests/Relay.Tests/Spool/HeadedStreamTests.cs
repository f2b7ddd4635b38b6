using Relay.Mail;
using Relay.Spool;

namespace Relay.Tests.Spool;

public sealed class HeadedStreamTests
{
    private static readonly byte[] Whole = [.. "head"u8, .. "3456789"u8];

    [Fact]
    public async Task It_reads_as_one_from_every_position_and_with_every_buffer()
    {
        await using var stream = Create();
        Assert.Equal(Whole.Length, stream.Length);
        for (var position = 0; position <= Whole.Length; position++)
        {
            for (var size = 1; size <= Whole.Length; size++)
            {
                stream.Position = position;
                Assert.Equal(Whole[position..], ReadAll(stream, size));
                Assert.Equal(Whole.Length, stream.Position);
                Assert.Equal(position, stream.Seek(position - Whole.Length, SeekOrigin.End));
                Assert.Equal(Whole[position..], await ReadAllAsync(stream, size));
            }
        }
    }

    [Fact]
    public async Task It_can_be_read_across_the_seam_whole()
    {
        await using var stream = Create();
        var read = new byte[6];

        stream.Seek(2, SeekOrigin.Begin);
        await stream.ReadExactlyAsync(read);
        Assert.Equal("ad3456"u8.ToArray(), read);

        stream.Seek(-6, SeekOrigin.Current);
        stream.ReadExactly(read, 0, read.Length);
        Assert.Equal("ad3456"u8.ToArray(), read);
    }

    [Fact]
    public async Task Behind_its_end_there_is_nothing_and_before_its_beginning_no_position()
    {
        await using var stream = Create();

        stream.Position = 100;

        Assert.Equal(0, stream.Read(new byte[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Position = -1);
        Assert.Equal(100, stream.Position);
    }

    [Fact]
    public async Task A_read_that_is_cancelled_reads_nothing()
    {
        await using var stream = Create();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await stream.ReadExactlyAsync(new byte[1], new CancellationToken(true)));

        Assert.Equal(0, stream.Position);
    }

    [Fact]
    public void It_owns_the_content()
    {
        var content = new MemoryStream();
        new HeadedStream(new ContentHead(0, default), content).Dispose();

        Assert.Throws<ObjectDisposedException>(() => content.Position);
    }

    private static HeadedStream Create() => new(new ContentHead(3, "head"u8.ToArray()), new MemoryStream("0123456789"u8.ToArray()));

    private static byte[] ReadAll(Stream stream, int size)
    {
        var (all, buffer) = (new MemoryStream(), new byte[size]);
        while (stream.Read(buffer, 0, size) is > 0 and var read)
        {
            all.Write(buffer, 0, read);
        }

        return all.ToArray();
    }

    private static async Task<byte[]> ReadAllAsync(Stream stream, int size)
    {
        var (all, buffer) = (new MemoryStream(), new byte[size]);
        while (await stream.ReadAsync(buffer) is > 0 and var read)
        {
            all.Write(buffer, 0, read);
        }

        return all.ToArray();
    }
}
