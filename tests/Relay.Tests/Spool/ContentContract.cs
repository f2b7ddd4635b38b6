using System.Buffers;
using Relay.Mail;
using Relay.Spool;

namespace Relay.Tests.Spool;

/// <summary>What every engine must do with a content before it is accepted: let it be looked at, and let its head be replaced.</summary>
public abstract class ContentContract : SpoolTests
{
    /// <summary>Empty, the smallest, the last that fits a row of the embedded engine, the first that does not, a large one.</summary>
    public static TheoryData<int> Sizes => [0, 1, 64 * 1024, (64 * 1024) + 1, 5_000_000];

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Content_can_be_looked_at_before_it_is_accepted(int size)
    {
        var octets = Octets(size);
        var message = Message();
        await using (var content = await WriteAsync(message.Id, octets))
        {
            await using (var look = await content.OpenReadAsync(default))
            {
                Assert.Equal((size, 0), (look.Length, look.Position));
                Assert.True(look.CanSeek && !look.CanWrite);
                Assert.Equal(octets, await ReadAsync(look));
                look.Position = size / 2;
                Assert.Equal(octets[(size / 2)..], await ReadAsync(look));
            }

            await Spool.AcceptAsync(message, content);
        }

        Assert.Equal(octets, await OctetsAsync(message.Id));
    }

    [Theory]
    [InlineData(1000, 1000)]
    [InlineData(1000, 100_000)]
    [InlineData(100_000, 1000)]
    public async Task What_is_written_after_a_look_belongs_to_the_content_too(int before, int after)
    {
        var octets = Octets(before + after);
        var message = Message();
        await using var content = await WriteAsync(message.Id, octets[..before]);
        await using (var look = await content.OpenReadAsync(default))
        {
            Assert.Equal(octets[..before], await ReadAsync(look));
        }

        content.Write(octets.AsSpan(before));
        await using (var look = await content.OpenReadAsync(default))
        {
            Assert.Equal(octets, await ReadAsync(look));
        }

        await Spool.AcceptAsync(message, content);
        Assert.Equal(octets, await OctetsAsync(message.Id));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task A_head_is_put_in_front(int size)
    {
        var octets = Octets(size);
        var message = Message();
        await using (var content = await WriteAsync(message.Id, octets))
        {
            content.ReplaceHead(0, "Field: x\r\n"u8.ToArray());

            Assert.Equal(size + 10, content.Length);
            await using (var look = await content.OpenReadAsync(default))
            {
                Assert.Equal(Join("Field: x\r\n"u8, octets), await ReadAsync(look));
            }

            await Spool.AcceptAsync(message, content);
        }

        Assert.Equal(Join("Field: x\r\n"u8, octets), await OctetsAsync(message.Id));
    }

    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(1, 1, 1000)]
    [InlineData(64 * 1024, 300, 0)]
    [InlineData(64 * 1024, 64 * 1024, 10)]
    [InlineData((64 * 1024) + 1, 300, 0)]
    [InlineData((64 * 1024) + 1, 300, 299)]
    [InlineData(5_000_000, 100_000, 200_000)]
    [InlineData(5_000_000, 5_000_000, 3)]
    public async Task A_head_stands_in_place_of_the_first_octets(int size, int length, int headSize)
    {
        var octets = Octets(size);
        var head = Octets(headSize);
        var message = Message();
        await using (var content = await WriteAsync(message.Id, octets))
        {
            content.ReplaceHead(length, head);

            Assert.Equal(size - length + headSize, content.Length);
            await Spool.AcceptAsync(message, content);
        }

        Assert.Equal(Join(head, octets, length), await OctetsAsync(message.Id));
    }

    [Theory]
    [InlineData(100, 2)]
    [InlineData(100, 7)]
    [InlineData(100_000, 2)]
    [InlineData(100_000, 7)]
    public async Task A_second_head_is_for_what_the_first_has_made(int size, int length)
    {
        var octets = Octets(size);
        var message = Message();
        await using var content = await WriteAsync(message.Id, octets);
        content.ReplaceHead(3, "first"u8.ToArray());

        content.ReplaceHead(length, "2"u8.ToArray());

        await Spool.AcceptAsync(message, content);
        byte[] made = [.. "first"u8, .. octets[3..]];
        Assert.Equal(Join("2"u8, made, length), await OctetsAsync(message.Id));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public async Task No_head_stands_in_place_of_more_than_there_is(int size)
    {
        await using var content = await WriteAsync(MessageId.New(Start), Octets(size));

        Assert.Throws<ArgumentOutOfRangeException>(() => content.ReplaceHead(size + 1, default));
        Assert.Throws<ArgumentOutOfRangeException>(() => content.ReplaceHead(-1, default));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public async Task Content_that_was_looked_at_and_given_up_leaves_nothing(int size)
    {
        var id = MessageId.New(Start);
        await using (var content = await WriteAsync(id, Octets(size)))
        {
            await using var look = await content.OpenReadAsync(default);
            content.ReplaceHead(0, "x"u8.ToArray());
        }

        Assert.Null(await Spool.OpenContentAsync(id, default));
    }
}
