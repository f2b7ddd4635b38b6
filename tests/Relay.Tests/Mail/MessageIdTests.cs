using Relay.Mail;

namespace Relay.Tests.Mail;

public sealed class MessageIdTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void Ids_sort_by_time_as_text_and_as_octets()
    {
        var ids = Enumerable.Range(0, 200).Select(i => MessageId.New(Start.AddMilliseconds(i * 7919L))).ToArray();

        Assert.Equal(ids, ids.OrderBy(id => id.ToString(), StringComparer.Ordinal));
        Assert.Equal(ids, ids.OrderBy(id => Convert.ToHexString(id.ToBytes()), StringComparer.Ordinal));
    }

    [Fact]
    public void Ids_of_one_moment_differ() =>
        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(_ => MessageId.New(Start)).Distinct().Count());

    [Fact]
    public void An_id_survives_its_text_and_its_octets()
    {
        var id = MessageId.New(Start);

        Assert.Matches("^[0-9a-f]{32}$", id.ToString());
        Assert.True(MessageId.TryParse(id.ToString(), out var fromText));
        Assert.True(MessageId.TryParse(id.Value.ToString("D").ToUpperInvariant(), out var fromHyphens));
        Assert.Equal((id, id, id), (fromText, fromHyphens, MessageId.FromBytes(id.ToBytes())));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1234")]
    [InlineData("01945c6e2f7b7c3a9d1e2f3a4b5c6d7")]
    [InlineData("01945c6e2f7b7c3a9d1e2f3a4b5c6d7g")]
    [InlineData("../../etc/passwd")]
    public void What_is_no_id_is_refused(string? text) => Assert.False(MessageId.TryParse(text, out _));

    [Fact]
    public void A_derived_id_is_the_same_for_the_same_purpose_and_another_for_another()
    {
        var parent = MessageId.New(Start);
        var derived = MessageId.Derive(parent, "dsn", Start);

        Assert.Equal(derived, MessageId.Derive(parent, "dsn", Start));
        Assert.NotEqual(derived, parent);
        Assert.NotEqual(derived, MessageId.Derive(parent, "dsn/2", Start));
        Assert.NotEqual(derived, MessageId.Derive(MessageId.New(Start), "dsn", Start));
    }

    [Fact]
    public void Every_id_is_a_UUID_of_version_7_with_the_time_in_front()
    {
        foreach (var id in new[] { MessageId.New(Start), MessageId.Derive(MessageId.New(Start.AddDays(-1)), "dsn", Start) })
        {
            Assert.Equal(7, id.Value.Version);
            Assert.InRange(id.Value.Variant, 8, 11);
            Assert.Equal(Start.ToUnixTimeMilliseconds(), Convert.ToInt64(id.ToString()[..12], 16));
        }
    }
}
