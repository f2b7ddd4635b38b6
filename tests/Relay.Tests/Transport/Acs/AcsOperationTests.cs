using Relay.Mail;
using Relay.Transport.Acs;

namespace Relay.Tests.Transport.Acs;

public sealed class AcsOperationTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(50, 0)]
    [InlineData(99_999, 1)]
    [InlineData(AcsOperation.MaxFirst, 127)]
    public void An_operation_leads_back_to_its_message_and_group(int first, int round)
    {
        var message = MessageId.New(AcsHarness.Start);

        var operation = AcsOperation.Of(message, first, round).ToString();

        Assert.True(AcsOperation.TryMatch(operation, message, out var foundFirst, out var foundRound));
        Assert.Equal((first, round), (foundFirst, foundRound));
        Assert.True(AcsOperation.TryCandidates(operation, out var range));
        Assert.True(string.CompareOrdinal(range.Value.First.ToString(), message.ToString()) <= 0);
        Assert.True(string.CompareOrdinal(range.Value.Last.ToString(), message.ToString()) >= 0);
        Assert.Equal(7, Guid.Parse(operation).Version);
    }

    [Fact]
    public void The_first_group_of_a_message_has_the_id_of_the_message()
    {
        var message = MessageId.New(AcsHarness.Start);

        Assert.Equal(message.Value, AcsOperation.Of(message, 0, 0));
    }

    [Fact]
    public void Another_message_of_the_same_moment_is_not_taken_for_it()
    {
        var operation = AcsOperation.Of(MessageId.New(AcsHarness.Start), 0, 0).ToString();

        Assert.False(AcsOperation.TryMatch(operation, MessageId.New(AcsHarness.Start), out _, out _));
        Assert.False(AcsOperation.TryMatch("none", MessageId.New(AcsHarness.Start), out _, out _));
        Assert.False(AcsOperation.TryCandidates("none", out _));
        Assert.False(AcsOperation.TryCandidates(null, out _));
    }
}
