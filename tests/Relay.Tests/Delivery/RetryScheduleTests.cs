using Relay.Delivery;
using Relay.Options;

namespace Relay.Tests.Delivery;

public sealed class RetryScheduleTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly RetryOptions Plain = new() { Jitter = 0 };

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 5)]
    [InlineData(3, 15)]
    [InlineData(4, 30)]
    [InlineData(5, 60)]
    [InlineData(6, 120)]
    [InlineData(7, 240)]
    [InlineData(8, 240)]
    [InlineData(20, 240)]
    public void The_delay_grows_with_the_attempts_to_four_hours(int attempts, int minutes) =>
        Assert.Equal(Start.AddMinutes(minutes), RetrySchedule.Next(Plain, attempts, Start, Start, 0.5));

    [Theory]
    [InlineData(0, 48)]
    [InlineData(0.5, 60)]
    [InlineData(1, 72)]
    public void Chance_moves_it_by_a_fifth_at_most(double random, int seconds) =>
        Assert.Equal(Start.AddSeconds(seconds), RetrySchedule.Next(new RetryOptions(), 1, Start, Start, random));

    [Fact]
    public void The_last_attempt_is_made_when_the_time_is_up()
    {
        var now = Start.AddDays(5).AddMinutes(-10);

        Assert.Equal(Start.AddDays(5), RetrySchedule.Next(Plain, 30, Start, now, 0.5));
    }

    [Fact]
    public void After_that_the_mail_expires() =>
        Assert.Null(RetrySchedule.Next(Plain, 31, Start, Start.AddDays(5), 0.5));

    [Fact]
    public void By_default_mail_is_tried_for_five_days_and_about_thirty_times()
    {
        var now = Start;
        var attempts = 1;
        while (RetrySchedule.Next(Plain, attempts, Start, now, 0.5) is { } next)
        {
            Assert.True(next > now);
            now = next;
            attempts++;
        }

        Assert.Equal(Start.AddDays(5), now);
        Assert.InRange(attempts, 30, 40);
    }
}
