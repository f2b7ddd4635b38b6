using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Accounts;
using Relay.Options;
using Relay.Support;
using Relay.Telemetry;

namespace Relay.Tests.Accounts;

/// <summary>Slowing, locks, and who is spared.</summary>
public sealed class LockoutTests
{
    private readonly SignInHarness harness = new(new AuthOptions { MaxFailuresPerAddress = 10, MaxFailuresPerAccount = 20 });

    public LockoutTests() => harness.Accounts.Add("app", "right", iterations: 10);

    [Fact]
    public async Task Answers_come_later_with_each_failure_of_an_address()
    {
        var delays = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            delays.Add((await harness.Scram($"name{i}", false)).Delay.TotalSeconds);
        }

        Assert.Equal([0, 0, 1, 2, 4, 8, 8, 8], delays);
        Assert.Equal(TimeSpan.Zero, (await harness.Scram("app", true)).Delay);
    }

    [Fact]
    public async Task And_with_each_failure_of_an_account_from_wherever()
    {
        var delays = new List<double>();
        for (var i = 0; i < 7; i++)
        {
            delays.Add((await harness.Scram(i % 2 == 0 ? "app" : "APP", false, $"192.0.2.{i}")).Delay.TotalSeconds);
        }

        Assert.Equal([0, 0, 1, 2, 4, 8, 8], delays);
    }

    [Fact]
    public async Task Failures_are_forgotten_after_the_window()
    {
        await harness.Fail("app", 9);
        harness.Time.Advance(harness.Options.LockTime);

        Assert.Equal(TimeSpan.Zero, (await harness.Scram("app", false)).Delay);
        Assert.Empty(harness.Accounts.Locks);
    }

    [Fact]
    public async Task The_tenth_failure_locks_the_address_for_its_time()
    {
        await harness.Fail("nobody", 9);
        Assert.Equal(SignInResult.SignedIn, (await harness.Scram("app", true)).Result);
        await harness.Fail("nobody", 1);

        var until = harness.Time.GetUtcNow() + harness.Options.LockTime;
        Assert.Equal([new(LockKind.Address, SignInHarness.Home, 10, until)], harness.Accounts.Locks);
        var outcome = await harness.Scram("app", true);
        Assert.Equal((SignInResult.LockedOut, null, TimeSpan.FromSeconds(8)), (outcome.Result, outcome.Account, outcome.Delay));
        Assert.Equal("the address 192.0.2.7 is locked until 2026-11-23 12:15:00Z", harness.Last.Detail);
        Assert.Equal(SignInResult.SignedIn, (await harness.Scram("app", true, "192.0.2.8")).Result);
        Assert.Contains(harness.Log.Lines, l => (l.Event, l.Level) == (EventIds.LockSet, LogLevel.Warning));

        harness.Time.Advance(harness.Options.LockTime);
        Assert.Equal(SignInResult.SignedIn, (await harness.Scram("app", true)).Result);
    }

    [Fact]
    public async Task A_locked_attempt_costs_no_work_and_makes_no_lock_longer()
    {
        await harness.Fail("nobody", 10);
        harness.Time.Advance(harness.Options.LockTime - TimeSpan.FromSeconds(1));

        Assert.Equal(SignInResult.LockedOut, (await harness.Password("app", "wrong")).Result);
        Assert.Equal(0, harness.Authenticator.Passwords.Derivations);

        harness.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(SignInResult.SignedIn, (await harness.Password("app", "right")).Result);
    }

    [Theory]
    [InlineData("app")]
    [InlineData("nobody")]
    public async Task Twenty_failures_lock_an_account_whether_there_is_one_or_not(string name)
    {
        for (var i = 0; i < 20; i++)
        {
            await harness.Scram(name.ToUpperInvariant(), false, $"192.0.2.{i}");
        }

        var only = Assert.Single(harness.Accounts.Locks);
        Assert.Equal((LockKind.Account, name), (only.Kind, only.Subject));
        Assert.Equal(SignInResult.LockedOut, (await harness.Scram(name, true, "192.0.2.99")).Result);
        Assert.Equal(SignInResult.LockedOut, (await harness.Password(name, "right", null)).Result);
    }

    [Fact]
    public async Task A_locked_account_still_signs_in_from_where_it_did_lately()
    {
        await harness.Scram("App", true);
        await Guess("app");

        Assert.Equal(SignInResult.SignedIn, (await harness.Scram("app", true)).Result);
        Assert.Equal(SignInResult.SignedIn, (await harness.Scram("app", true, "::ffff:" + SignInHarness.Home)).Result);
        Assert.Equal(SignInResult.LockedOut, (await harness.Scram("app", true, "192.0.2.99")).Result);
    }

    [Fact]
    public async Task Lately_is_a_day()
    {
        await harness.Scram("app", true);
        harness.Time.Advance(TimeSpan.FromHours(24));
        await Guess("app");

        Assert.Equal(SignInResult.LockedOut, (await harness.Scram("app", true)).Result);
    }

    [Fact]
    public async Task An_address_that_is_spared_is_locked_by_its_own_failures()
    {
        await harness.Scram("app", true);
        await Guess("app");
        await harness.Fail("app", 10);

        Assert.Equal(SignInResult.LockedOut, (await harness.Scram("app", true)).Result);
    }

    [Fact]
    public async Task A_success_forgets_the_failures_that_the_client_made_before_it_and_no_others()
    {
        harness.Accounts.Add("other", "x", iterations: 10);
        await harness.Fail("app", 8);
        await harness.Fail("other", 1);
        await harness.Scram("app", true);

        Assert.Equal(TimeSpan.Zero, (await harness.Scram("app", false)).Delay); // the second of the address, the first of app
        Assert.Equal(TimeSpan.FromSeconds(1), (await harness.Scram("app", false)).Delay); // the third of the address
    }

    [Fact]
    public async Task A_success_from_home_does_not_help_who_guesses_elsewhere()
    {
        for (var i = 0; i < 20; i++)
        {
            await harness.Scram("app", false, $"192.0.2.{100 + i}");
            await harness.Scram("app", true);
        }

        Assert.Equal(SignInResult.LockedOut, (await harness.Scram("app", true, "192.0.2.200")).Result);
    }

    [Fact]
    public async Task Lifting_a_lock_elsewhere_is_seen_a_second_later_and_begins_anew()
    {
        await harness.Fail("nobody", 10);
        Assert.Equal(SignInResult.LockedOut, (await harness.Scram("app", true)).Result);

        Assert.True(await harness.Accounts.UnlockAsync(LockKind.Address, SignInHarness.Home, default));
        harness.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(SignInResult.SignedIn, (await harness.Scram("app", true)).Result);
        await harness.Fail("x", 9);
        Assert.Equal(SignInResult.SignedIn, (await harness.Scram("app", true)).Result);
        Assert.Contains(harness.Log.Lines, l => (l.Event, l.Level) == (EventIds.LockLifted, LogLevel.Information));
    }

    [Fact]
    public async Task Lifting_the_lock_of_an_account_forgets_its_failures()
    {
        await Guess("app");
        await harness.Scram("app", true, "192.0.2.99");
        await harness.Accounts.UnlockAsync(LockKind.Account, "app", default);
        harness.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(TimeSpan.Zero, (await harness.Scram("app", false, "192.0.2.99")).Delay);
        Assert.Equal(SignInResult.SignedIn, (await harness.Scram("app", true, "192.0.2.99")).Result);
    }

    [Fact]
    public async Task A_lock_that_another_process_sets_is_seen_a_second_later()
    {
        await harness.Scram("app", true);
        var other = harness.New();
        for (var i = 0; i < 10; i++)
        {
            var attempt = SignInHarness.From("192.0.2.50");
            await other.WithScramAsync(attempt, "nobody", new PasswordKeys([], 1, [], []), false, default);
        }

        harness.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(SignInResult.LockedOut, (await harness.Scram("app", true, "192.0.2.50")).Result);
    }

    [Fact]
    public async Task The_locks_are_read_at_most_once_a_second()
    {
        for (var i = 0; i < 5; i++)
        {
            await harness.Scram("app", true);
        }

        Assert.Equal(1, harness.Accounts.LockReads);
        harness.Time.Advance(TimeSpan.FromSeconds(1));
        await harness.Scram("app", true);
        Assert.Equal(2, harness.Accounts.LockReads);
    }

    [Fact]
    public async Task A_lock_that_cannot_be_written_holds_in_this_process()
    {
        harness.Accounts.LockFailure = MemoryAccounts.Gone;
        var outcomes = new List<SignInResult>();
        for (var i = 0; i < 12; i++)
        {
            outcomes.Add((await harness.Scram("nobody", false)).Result);
        }

        Assert.Equal(
            [.. Enumerable.Repeat(SignInResult.UnknownAccount, 10), SignInResult.LockedOut, SignInResult.LockedOut], outcomes);
        harness.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(SignInResult.LockedOut, (await harness.Scram("app", true)).Result);
        Assert.Contains(harness.Log.Lines, l => l.Event == EventIds.AccountsFailed);
    }

    [Fact]
    public async Task A_client_without_an_address_is_counted_for_the_account_alone()
    {
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal(SignInResult.UnknownAccount, (await harness.Scram($"name{i}", false, null)).Result);
        }

        Assert.Empty(harness.Accounts.Locks);
        await harness.Fail("app", 20, null);
        Assert.Equal(SignInResult.LockedOut, (await harness.Scram("app", true, null)).Result);
    }

    [Fact]
    public async Task A_success_without_an_address_does_not_help_who_guesses_without_one()
    {
        for (var i = 0; i < 19; i++)
        {
            await harness.Scram("app", false, null);
            Assert.Equal(SignInResult.SignedIn, (await harness.Scram("app", true, null)).Result);
        }

        await harness.Scram("app", false, null);
        Assert.Equal(SignInResult.LockedOut, (await harness.Scram("app", true, null)).Result);
    }

    [Fact]
    public async Task All_addresses_of_a_64_are_one_client()
    {
        for (var i = 1; i <= 10; i++)
        {
            await harness.Scram($"name{i}", false, $"2001:db8:1:2::{i}");
        }

        Assert.Equal("2001:db8:1:2::/64", Assert.Single(harness.Accounts.Locks).Subject);
        Assert.Equal(SignInResult.LockedOut, (await harness.Scram("app", true, "2001:db8:1:2:3:4:5:6")).Result);
        Assert.Equal(SignInResult.SignedIn, (await harness.Scram("app", true, "2001:db8:1:3::1")).Result);
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("fe80::1%3", "fe80::/64")]
    public void The_subject_of_an_address(string client, string subject) => Assert.Equal(subject, LockSubject.Of(IPAddress.Parse(client)));

    [Fact]
    public async Task What_was_refused_before_it_was_checked_locks_nobody()
    {
        for (var i = 0; i < 50; i++)
        {
            harness.Authenticator.Refuse(SignInHarness.From(SignInHarness.Home), "app", SignInResult.TlsRequired, null);
        }

        Assert.Equal(SignInResult.SignedIn, (await harness.Scram("app", true)).Result);
    }

    private async Task Guess(string name)
    {
        for (var i = 0; i < 20; i++)
        {
            await harness.Scram(name, false, $"198.51.100.{i}");
        }
    }
}
