using System.Text;
using Relay.Cli.Send;

namespace Relay.Cli.Tests;

public sealed class MessageFileTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("a", "a\r\n")]
    [InlineData("a\n", "a\r\n")]
    [InlineData("a\r\n", "a\r\n")]
    [InlineData("a\r", "a\r\n")]
    [InlineData("a\rb\nc\r\nd", "a\r\nb\r\nc\r\nd\r\n")]
    [InlineData("\n\n\n", "\r\n\r\n\r\n")]
    [InlineData("\r\r\n\n", "\r\n\r\n\r\n")]
    [InlineData(".\n..\n", ".\r\n..\r\n")]
    public async Task Every_line_ends_in_crlf_however_the_source_is_cut(string source, string expected)
    {
        foreach (var piece in new[] { 1, 2, int.MaxValue })
        {
            await using var message = await MessageFile.ReadAsync(new Pieces(Encoding.ASCII.GetBytes(source), piece), default);

            using var reader = new StreamReader(message.Content, Encoding.ASCII);
            Assert.Equal(expected, await reader.ReadToEndAsync());
        }
    }

    [Fact]
    public async Task Octets_above_127_are_kept_and_noticed()
    {
        byte[] source = [.. "a: "u8, 0xff, 0xc3, 0x28, 0, (byte)'\n'];

        await using var message = await MessageFile.ReadAsync(new MemoryStream(source), default);

        var content = new MemoryStream();
        await message.Content.CopyToAsync(content);
        Assert.Equal([.. source[..^1], (byte)'\r', (byte)'\n'], content.ToArray());
        Assert.True(message.HasEightBit);
        await using var plain = await MessageFile.ReadAsync(new MemoryStream("plain"u8.ToArray()), default);
        Assert.False(plain.HasEightBit);
    }

    [Fact]
    public async Task A_large_source_of_line_ends_alone_fits()
    {
        var source = new byte[200_000];
        Array.Fill(source, (byte)'\n');

        await using var message = await MessageFile.ReadAsync(new MemoryStream(source), default);

        Assert.Equal(400_000, message.Content.Length);
    }

    /// <summary>Gives at most so many octets at once.</summary>
    private sealed class Pieces(byte[] octets, int most) : MemoryStream(octets)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(most, buffer.Length)], cancellationToken);
    }
}
