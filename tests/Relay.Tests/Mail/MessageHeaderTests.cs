using System.Text;
using Relay.Mail;

namespace Relay.Tests.Mail;

public sealed class MessageHeaderTests
{
    [Theory]
    [InlineData("A: 1\r\nB: 2\r\n\r\nbody", 2, 14)]
    [InlineData("\r\nbody", 0, 2)]
    [InlineData("A: 1\nB: 2\n\nbody", 2, 11)]
    [InlineData("A: 1\r\n folded\r\n\tmore\r\nB: 2\r\n\r\n", 2, 30)]
    [InlineData("A: 1", 1, 4)]
    [InlineData("", 0, 0)]
    [InlineData("no field\r\nA: 1\r\n\r\n", 2, 18)]
    public async Task Fields_are_the_octets_up_to_the_empty_line(string content, int fields, int length)
    {
        var octets = Encoding.ASCII.GetBytes(content);

        foreach (var header in new[] { MessageHeader.Parse(octets), await MessageHeader.ReadAsync(new MemoryStream(octets), default) })
        {
            Assert.True(header.IsWhole);
            Assert.Equal(fields, header.Fields.Count);
            Assert.Equal(length, header.Length);
            Assert.Equal(content[..header.Fields.Sum(field => field.Octets.Length)], string.Concat(header.Fields.Select(Text)));
        }
    }

    [Fact]
    public void A_field_has_its_name_without_case_and_its_value_unfolded()
    {
        var header = MessageHeader.Parse("SuBject \t: a\r\n  b\r\n\r\n"u8.ToArray());

        var field = Assert.Single(header.Named("subject"));
        Assert.Equal("SuBject", field.Name);
        Assert.Equal("a  b", field.Value);
        Assert.Equal(0, field.Offset);
    }

    [Fact]
    public void A_line_that_is_no_field_has_no_name()
    {
        var header = MessageHeader.Parse("From me\r\nA: 1\r\n\r\n"u8.ToArray());

        Assert.Equal(["", "A"], header.Fields.Select(field => field.Name));
        Assert.Equal("", header.Fields[0].Value);
        Assert.False(header.Fields[0].Is(""));
    }

    [Fact]
    public async Task A_header_across_many_reads_is_whole()
    {
        var text = new StringBuilder();
        for (var i = 0; i < 500; i++)
        {
            text.Append($"X-{i}: {new string('x', i)}\r\n");
        }

        var octets = Encoding.ASCII.GetBytes($"{text}\r\nbody\r\n\r\nmore");
        var header = await MessageHeader.ReadAsync(new MemoryStream(octets), default);

        Assert.True(header.IsWhole);
        Assert.Equal(500, header.Fields.Count);
        Assert.Equal(text.Length + 2, header.Length);
    }

    [Fact]
    public async Task No_more_fields_are_read_than_the_limit()
    {
        var octets = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("A: 1\r\n", MessageHeader.MaxFields + 1)) + "\r\n");

        var header = await MessageHeader.ReadAsync(new MemoryStream(octets), default);

        Assert.False(header.IsWhole);
        Assert.Equal(MessageHeader.MaxFields, header.Fields.Count);
    }

    [Fact]
    public async Task No_more_octets_are_read_than_the_limit()
    {
        using var content = new MemoryStream(Encoding.ASCII.GetBytes($"A: 1\r\nB: {new string('x', 1024 * 1024)}\r\n\r\n"));

        var header = await MessageHeader.ReadAsync(content, default);

        Assert.False(header.IsWhole);
        Assert.Equal("A", Assert.Single(header.Fields).Name);
        Assert.InRange(content.Position, 1, MessageHeader.MaxLength);
    }

    private static string Text(HeaderField field) => Encoding.ASCII.GetString(field.Octets.Span);
}
