using System.Text;
using Relay.Transport;

namespace Relay.Tests.Transport;

public sealed class DotStufferTests
{
    [Theory]
    [InlineData("", ".\r\n")]
    [InlineData("a", "a\r\n.\r\n")]
    [InlineData("a\r\n", "a\r\n.\r\n")]
    [InlineData(".", "..\r\n.\r\n")]
    [InlineData(".\r\n", "..\r\n.\r\n")]
    [InlineData("..\r\n.a\r\n", "...\r\n..a\r\n.\r\n")]
    [InlineData("a.\r\n.\r\n\r\n.", "a.\r\n..\r\n\r\n..\r\n.\r\n")]
    [InlineData("\r\n\r\n", "\r\n\r\n.\r\n")]
    public void Lines_that_begin_with_a_dot_get_another_and_the_end_is_a_line_of_its_own(string content, string wire) =>
        AssertWire(content, wire);

    [Theory]
    [InlineData("a\n.\nb", "a\r\n..\r\nb\r\n.\r\n")]
    [InlineData("a\r.\rb", "a\r\n..\r\nb\r\n.\r\n")]
    [InlineData("a\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n")]
    [InlineData("a\r\n.\nb\r\n", "a\r\n..\r\nb\r\n.\r\n")]
    [InlineData("a\r\n.\rb\r\n", "a\r\n..\r\nb\r\n.\r\n")]
    [InlineData("a\r\r\n.\r\n", "a\r\n\r\n..\r\n.\r\n")]
    [InlineData("a\r", "a\r\n.\r\n")]
    [InlineData("\r", "\r\n.\r\n")]
    [InlineData("\n\r", "\r\n\r\n.\r\n")]
    public void A_bare_CR_or_LF_can_never_end_the_content_early(string content, string wire) => AssertWire(content, wire);

    [Fact]
    public void Large_content_is_undone_by_an_independent_reader()
    {
        var content = Contents.OneMegabyte();
        var wire = Stuff(content, 16 * 1024);

        // Latin-1 maps each octet to one character and back.
        var lines = Encoding.Latin1.GetString(wire).Split("\r\n");
        Assert.Equal([".", ""], lines[^2..]);
        Assert.All(lines[..^2], line => Assert.NotEqual(".", line));
        var undone = string.Concat(lines[..^2].Select(line => (line.StartsWith('.') ? line[1..] : line) + "\r\n"));
        Assert.True(content.AsSpan().SequenceEqual(Encoding.Latin1.GetBytes(undone)));
    }

    /// <summary>Cut into pieces of every size, since every border between pieces is a chance to be wrong.</summary>
    private static void AssertWire(string content, string wire)
    {
        for (var size = 1; size <= content.Length + 1; size++)
        {
            Assert.Equal(wire, Encoding.ASCII.GetString(Stuff(Encoding.ASCII.GetBytes(content), size)));
        }
    }

    private static byte[] Stuff(byte[] content, int size)
    {
        var wire = new MemoryStream();
        var stuffer = new DotStuffer();
        foreach (var piece in content.Chunk(size))
        {
            // Just the room that was promised to be enough.
            var output = new byte[DotStuffer.RoomFor(piece.Length)];
            wire.Write(output, 0, stuffer.Write(piece, output));
        }

        var end = new byte[DotStuffer.RoomForFinish];
        wire.Write(end, 0, stuffer.Finish(end));
        return wire.ToArray();
    }
}
