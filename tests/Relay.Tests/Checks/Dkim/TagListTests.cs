using Relay.Checks.Dkim;

namespace Relay.Tests.Checks.Dkim;

public sealed class TagListTests
{
    [Fact]
    public void Tags_are_read_by_name_without_the_white_space_round_them()
    {
        Assert.True(TagList.TryParse(" v = 1 ;\t a=b=c; bh=; Unknown_1= x  y ;", out var tags));

        Assert.Equal("v", tags.First);
        Assert.Equal("1", tags["v"]);
        Assert.Equal("b=c", tags["a"]);
        Assert.Equal("", tags["bh"]);
        Assert.Equal("x  y", tags["Unknown_1"]);
        Assert.Null(tags["V"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData(";")]
    [InlineData("v")]
    [InlineData("v=1; a")]
    [InlineData("v=1; ; a=2")]
    [InlineData("v=1;;")]
    [InlineData("=1")]
    [InlineData("1v=1")]
    [InlineData("_v=1")]
    [InlineData("v v=1")]
    [InlineData("v-w=1")]
    [InlineData("v=1; v=1")]
    public void What_is_no_list_of_tags_is_refused(string text) => Assert.False(TagList.TryParse(text, out _));

    [Fact]
    public void More_tags_than_the_bound_are_refused()
    {
        Assert.True(TagList.TryParse(string.Join(';', Enumerable.Range(0, 64).Select(i => $"t{i}=x")), out _));
        Assert.False(TagList.TryParse(string.Join(';', Enumerable.Range(0, 65).Select(i => $"t{i}=x")), out _));
    }

    [Fact]
    public void White_space_within_base64_is_left_out()
    {
        Assert.True(TagList.TryParse("a=aGVs bG8\t=; b=!; c=", out var tags));

        Assert.True(tags.TryBase64("a", out var octets));
        Assert.Equal("hello"u8, octets);
        Assert.False(tags.TryBase64("b", out _));
        Assert.False(tags.TryBase64("d", out _));
        Assert.True(tags.TryBase64("c", out octets));
        Assert.Empty(octets);
    }

    [Fact]
    public void A_list_of_values_is_parted_at_its_colons()
    {
        Assert.True(TagList.TryParse("h= From : to:Subject", out var tags));

        Assert.Equal(["From", "to", "Subject"], tags.List("h")!);
        Assert.Null(tags.List("x"));
    }
}
