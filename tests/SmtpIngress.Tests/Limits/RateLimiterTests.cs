using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Relay.Accounts;
using Relay.SmtpIngress.Limits;

namespace Relay.SmtpIngress.Tests.Limits;

public sealed class RateLimiterTests
{
    private static readonly Rate TenAMinute = new(10, TimeSpan.FromMinutes(1));

    private readonly FakeTimeProvider clock = new();
    private readonly RateLimiter limiter;

    public RateLimiterTests() => limiter = new RateLimiter(clock);

    [Fact]
    public void A_bucket_holds_as_many_as_its_rate_counts()
    {
        Assert.Equal(10, Take("a", TenAMinute, 15));
        Assert.Equal(10, Take("b", TenAMinute, 15));
    }

    [Fact]
    public void Keys_are_compared_without_case()
    {
        Assert.Equal(10, Take("alice", TenAMinute, 15));
        Assert.Equal(0, Take("ALICE", TenAMinute, 1));
    }

    [Fact]
    public void It_refills_evenly()
    {
        Take("a", TenAMinute, 10);
        clock.Advance(TimeSpan.FromSeconds(6) - TimeSpan.FromTicks(1));
        Assert.Equal(0, Take("a", TenAMinute, 1));
        clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(1, Take("a", TenAMinute, 2));
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(5, Take("a", TenAMinute, 10));
    }

    [Fact]
    public void It_never_holds_more_than_its_count()
    {
        Take("a", TenAMinute, 1);
        clock.Advance(TimeSpan.FromDays(400));
        Assert.Equal(10, Take("a", TenAMinute, 15));
    }

    [Fact]
    public void Being_refused_costs_nothing()
    {
        Take("a", TenAMinute, 1000);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(10, Take("a", TenAMinute, 15));
    }

    [Fact]
    public void A_rate_that_does_not_divide_its_period_gives_its_whole_count()
    {
        var rate = new Rate(7, TimeSpan.FromTicks(10_000_003));
        Assert.Equal(7, Take("a", rate, 10));
        clock.Advance(rate.Period);
        Assert.Equal(7, Take("a", rate, 10));
    }

    [Fact]
    public void A_changed_rate_takes_effect()
    {
        Take("a", TenAMinute, 10);
        var hundred = new Rate(100, TimeSpan.FromMinutes(1));
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(50, Take("a", hundred, 100));

        Take("b", new Rate(10, TimeSpan.FromDays(1)), 10);
        Assert.Equal(0, Take("b", TenAMinute, 1));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(10, Take("b", TenAMinute, 15));
    }

    [Fact]
    public void In_any_stretch_of_time_there_are_at_most_a_bucket_and_what_flowed_in()
    {
        var random = new Random(1);
        var given = 0;
        var elapsed = TimeSpan.Zero;
        for (var i = 0; i < 100_000; i++)
        {
            var step = TimeSpan.FromTicks(random.NextInt64(TimeSpan.TicksPerSecond));
            clock.Advance(step);
            elapsed += step;
            given += limiter.TryTake("a", TenAMinute) ? 1 : 0;
            Assert.True(given <= 10 + (elapsed / TimeSpan.FromSeconds(6)));
        }

        // It asked ten times as often as there were tokens: it must have got them all but for the last few.
        Assert.True(given >= (elapsed / TimeSpan.FromSeconds(6)) - 1);
    }

    [Fact]
    public void Buckets_that_are_full_again_are_dropped_as_new_ones_come()
    {
        for (var i = 0; i < 1000; i++)
        {
            Take(Key(i), TenAMinute, 1);
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(limiter.Keys, 1, 7);
    }

    [Fact]
    public void When_there_is_no_room_the_bucket_not_used_for_longest_is_dropped()
    {
        Fill();
        Assert.Equal(0, Take(Key(0), TenAMinute, 1)); // used again
        Take("one more", TenAMinute, 10);

        Assert.Equal(RateLimiter.MaxKeys, limiter.Keys);
        Assert.Equal(0, Take(Key(0), TenAMinute, 1));
        Assert.Equal(0, Take(Key(2), TenAMinute, 1));
        Assert.Equal(10, Take(Key(1), TenAMinute, 15)); // it was forgotten, and is full
    }

    [Fact]
    public void When_there_is_no_room_a_full_bucket_goes_before_one_that_is_not()
    {
        var second = new Rate(10, TimeSpan.FromSeconds(1));
        Take(Key(0), TenAMinute, 10);
        Take("full again", second, 10);
        Fill();
        clock.Advance(TimeSpan.FromSeconds(1));
        Take("one more", TenAMinute, 1);

        Assert.Equal(0, Take(Key(0), TenAMinute, 1));
    }

    [Fact]
    public async Task Many_threads_get_no_token_twice()
    {
        var rate = new Rate(1000, TimeSpan.FromHours(1));
        var given = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Take("a", rate, 1000) + Take("b", rate, 1000))));
        Assert.Equal(2000, given.Sum());
    }

    /// <summary>As many empty buckets as there is room for, <c>Key(0)</c> used first.</summary>
    private void Fill()
    {
        for (var i = 0; limiter.Keys < RateLimiter.MaxKeys; i++)
        {
            Take(Key(i), TenAMinute, 10);
        }
    }

    private int Take(string key, Rate rate, int times)
    {
        var taken = 0;
        for (var i = 0; i < times; i++)
        {
            taken += limiter.TryTake(key, rate) ? 1 : 0;
        }

        return taken;
    }

    private static string Key(int number) => number.ToString(CultureInfo.InvariantCulture);
}
