using System.Text.Json;
using Relay.Replies;

namespace Relay.Tests.Replies;

public sealed class EnhancedStatusTests
{
    [Theory]
    [InlineData("2.0.0", "2.0.0", 5)]
    [InlineData("5.1.1 no such user", "5.1.1", 5)]
    [InlineData("4.7.999 x", "4.7.999", 7)]
    [InlineData("5.123.456", "5.123.456", 9)]
    [InlineData("5.1.10 null MX", "5.1.10", 6)]
    public void A_code_at_the_beginning_is_read(string text, string status, int length)
    {
        Assert.True(EnhancedStatus.TryRead(text, out var read, out var taken));
        Assert.Equal((status, length), (read.ToString(), taken));
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("5.")]
    [InlineData("5.1")]
    [InlineData("5.1.")]
    [InlineData(".1.1")]
    [InlineData("5..1")]
    [InlineData("1.1.1")]
    [InlineData("3.0.0")]
    [InlineData("6.1.1")]
    [InlineData("55.1.1")]
    [InlineData("5.1000.1")]
    [InlineData("5.1.1000")]
    [InlineData("5.1.1.1")]
    [InlineData("5.1.1x")]
    [InlineData(" 5.1.1")]
    [InlineData("5,1,1")]
    [InlineData("5.-1.1")]
    [InlineData("5.1.١")]
    [InlineData("4.2 GHz")]
    public void What_only_looks_like_one_is_text(string text) => Assert.False(EnhancedStatus.TryRead(text, out _, out _));

    [Theory]
    [InlineData("\"5.1.1\"", true)]
    [InlineData("\"5.1.1 and more\"", false)]
    [InlineData("\"\"", false)]
    [InlineData("null", false)]
    public void In_JSON_a_code_stands_alone(string json, bool valid)
    {
        if (valid)
        {
            Assert.Equal(new EnhancedStatus(5, 1, 1), JsonSerializer.Deserialize<EnhancedStatus>(json));
            Assert.Equal(json, JsonSerializer.Serialize(new EnhancedStatus(5, 1, 1)));
        }
        else
        {
            Assert.Throws<JsonException>(() => { JsonSerializer.Deserialize<EnhancedStatus>(json); });
        }
    }
}
