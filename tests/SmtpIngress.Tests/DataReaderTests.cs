using System.Buffers;
using System.Text;

namespace Relay.SmtpIngress.Tests;

public sealed class DataReaderTests
{
    public static TheoryData<string> Modes => [.. Enum.GetNames<LineEnds>()];

    [Theory]
    [InlineData(".\r\n", "")] // an empty message
    [InlineData("a\r\n.\r\n", "a\r\n")] // one line; its CRLF belongs to it
    [InlineData("..\r\n.\r\n", ".\r\n")] // a stuffed dot in the first line
    [InlineData("..a\r\n...\r\n.\r\n", ".a\r\n..\r\n")] // one dot is taken off each line
    [InlineData(".a\r\n.\r\n", "a\r\n")] // a dot that was not stuffed is taken off too
    [InlineData("a.\r\n.\r\n", "a.\r\n")] // a dot at the end of a line
    [InlineData("\r\n\r\n.\r\n", "\r\n\r\n")] // empty lines
    [InlineData("a\0\xff\r\n.\r\n", "a\0\xff\r\n")] // any octet
    public void Clean_content_is_the_same_in_all_modes_however_it_is_split(string input, string content)
    {
        foreach (var mode in Enum.GetValues<LineEnds>())
        {
            for (var split = 0; split <= input.Length; split++)
            {
                Assert.Equal((DataStatus.End, content, input.Length), Read(mode, input, split));
            }
        }
    }

    [Theory]
    [InlineData("a\nb\r\n.\r\n", 1)]
    [InlineData("a\r\n.\n", 4)]
    [InlineData("a\n.\r\n", 1)]
    [InlineData("a\n.\n", 1)]
    [InlineData("a\r\n.\r.\r\n", 5)]
    [InlineData("a\rb\r\n.\r\n", 2)]
    [InlineData("\r.\r\n", 1)]
    [InlineData("\r\r\n.\r\n", 1)]
    public void Strict_refuses_every_bare_line_end_at_once(string input, int taken)
    {
        for (var split = 0; split <= input.Length; split++)
        {
            var read = Read(LineEnds.Strict, input, split);
            Assert.Equal(DataStatus.BareLineEnd, read.Status);
            Assert.InRange(read.Taken, taken, taken + 1);
        }
    }

    [Theory]
    [InlineData("a\n.\r\nb\r\n.\r\n", "a\r\n.\r\nb\r\n")]
    [InlineData("a\n.\nb\r\n.\r\n", "a\r\n.\r\nb\r\n")]
    [InlineData("a\r\n.\nb\r\n.\r\n", "a\r\n\r\nb\r\n")]
    [InlineData("a\r.\r\nb\r\n.\r\n", "a\r\n.\r\nb\r\n")]
    [InlineData("a\r.\rb\r\n.\r\n", "a\r\n.\r\nb\r\n")]
    [InlineData("a\r\n.\rb\r\n.\r\n", "a\r\n\r\nb\r\n")]
    [InlineData("a\r\r\n.\r\n", "a\r\n\r\n")]
    public void Normalise_stores_crlf_for_bare_line_ends_and_never_ends_at_them(string input, string content)
    {
        for (var split = 0; split <= input.Length; split++)
        {
            Assert.Equal((DataStatus.End, content, input.Length), Read(LineEnds.Normalise, input, split));
        }
    }

    [Theory]
    [InlineData(".\n", "")]
    [InlineData("a\n.\n", "a\r\n")]
    [InlineData("a\r\n.\n", "a\r\n")]
    [InlineData("a\n.\r\n", "a\r\n")]
    [InlineData("a\n..b\n.\n", "a\r\n.b\r\n")]
    [InlineData("a\r.\nb\n.\n", "a\r\n.\r\nb\r\n")]
    public void Line_feed_takes_lf_with_or_without_cr_as_line_end(string input, string content)
    {
        for (var split = 0; split <= input.Length; split++)
        {
            Assert.Equal((DataStatus.End, content, input.Length), Read(LineEnds.LineFeed, input, split));
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Every_short_input_reads_as_the_plain_reference_does_however_it_is_split(string modeName)
    {
        var mode = Enum.Parse<LineEnds>(modeName);
        foreach (var input in Strings("\r\n.a", maxLength: 7))
        {
            var expected = PlainDataReader.Read(mode, input);
            for (var split = 0; split <= input.Length; split++)
            {
                var actual = Read(mode, input, split);
                if (expected != actual)
                {
                    Assert.Fail($"{Escaped(input)} split at {split}: expected {expected}, got {actual}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void What_is_stored_holds_no_bare_line_end(string modeName)
    {
        var mode = Enum.Parse<LineEnds>(modeName);
        foreach (var input in Strings("\r\n.a", maxLength: 6))
        {
            var content = Read(mode, input, input.Length / 2).Content.Replace("\r\n", "", StringComparison.Ordinal);
            Assert.True(content.AsSpan().IndexOfAny('\r', '\n') < 0, Escaped(input));
        }
    }

    [Fact]
    public void What_follows_the_end_is_left_alone() =>
        Assert.Equal((DataStatus.End, "a\r\n", 6), Read(LineEnds.Strict, "a\r\n.\r\nQUIT\r\n", 0));

    [Fact]
    public void Content_as_long_as_allowed_is_not_too_big()
    {
        var reader = new DataReader(LineEnds.Strict, maxLength: 5);
        reader.Read("..bc\r\n.\r\n"u8, new ArrayBufferWriter<byte>());
        Assert.Equal((DataStatus.End, 5, false), (reader.Status, reader.Length, reader.IsTooBig));
    }

    [Fact]
    public void Too_big_content_is_read_to_its_real_end_and_dropped()
    {
        var reader = new DataReader(LineEnds.Strict, maxLength: 4);
        var output = new ArrayBufferWriter<byte>();
        var taken = reader.Read("abc\r\ndef\r\n.\r\nNOOP\r\n"u8, output);
        Assert.Equal((DataStatus.End, true, 13), (reader.Status, reader.IsTooBig, taken));
        Assert.InRange(output.WrittenCount, 0, 4);
    }

    private static (DataStatus Status, string Content, int Taken) Read(LineEnds mode, string input, int split)
    {
        var octets = Encoding.Latin1.GetBytes(input);
        var reader = new DataReader(mode, long.MaxValue);
        var output = new ArrayBufferWriter<byte>();
        var taken = reader.Read(octets.AsSpan(0, split), output);
        if (taken == split)
        {
            taken += reader.Read(octets.AsSpan(split), output);
        }

        return (reader.Status, Encoding.Latin1.GetString(output.WrittenSpan), taken);
    }

    private static IEnumerable<string> Strings(string alphabet, int maxLength)
    {
        var longest = new List<string> { "" };
        for (var length = 0; length <= maxLength; length++)
        {
            foreach (var text in longest)
            {
                yield return text;
            }

            longest = [.. longest.SelectMany(text => alphabet.Select(c => text + c))];
        }
    }

    private static string Escaped(string text) => text.Replace("\r", "\\r").Replace("\n", "\\n");
}
