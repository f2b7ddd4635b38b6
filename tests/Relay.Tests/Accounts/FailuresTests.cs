using Microsoft.Extensions.Time.Testing;
using Relay.Accounts;

namespace Relay.Tests.Accounts;

/// <summary>What is remembered of strangers is bounded.</summary>
public sealed class FailuresTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void The_oldest_failures_go_first()
    {
        var failures = new Failures(TimeSpan.FromHours(1), time);
        failures.Add("192.0.2.1", "first");
        for (var i = 0; i < Failures.MaxKept - 1; i++)
        {
            failures.Add("192.0.2.2", $"name{i}");
        }

        Assert.Equal(1, failures.Count(LockKind.Account, "first"));
        failures.Add("192.0.2.3", "last");

        Assert.Equal(0, failures.Count(LockKind.Account, "first"));
        Assert.Equal(0, failures.Count(LockKind.Address, "192.0.2.1"));
        Assert.Equal(Failures.MaxKept - 1, failures.Count(LockKind.Address, "192.0.2.2"));
        Assert.Equal(1, failures.Count(LockKind.Account, "last"));
    }

    [Fact]
    public void What_was_forgotten_is_not_counted_again_when_it_grows_old()
    {
        var failures = new Failures(TimeSpan.FromHours(1), time);
        failures.Add("a", "x");
        failures.Add("a", "y");
        failures.Add("b", "x");
        failures.Forget("a", "x");
        failures.ForgetAll(LockKind.Address, "b");
        time.Advance(TimeSpan.FromMinutes(30));
        failures.Add("a", "x");
        failures.Add("b", "x");

        Assert.Equal((2, 1, 3, 1), Counts());
        time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal((1, 1, 2, 0), Counts());

        (int, int, int, int) Counts() => (failures.Count(LockKind.Address, "a"), failures.Count(LockKind.Address, "b"),
            failures.Count(LockKind.Account, "x"), failures.Count(LockKind.Account, "y"));
    }

    [Fact]
    public void A_recent_set_holds_so_many_for_so_long()
    {
        var set = new RecentSet<int>(3, TimeSpan.FromHours(1), time);
        foreach (var item in new[] { 1, 2, 3, 1, 4 })
        {
            set.Add(item);
        }

        Assert.Equal([true, false, true, true], new[] { 1, 2, 3, 4 }.Select(set.Contains));
        Assert.Equal(3, set.Count);
        time.Advance(TimeSpan.FromHours(1));
        Assert.False(set.Contains(1));
    }
}
