using Relay.Accounts;

namespace Relay.Tests.Accounts;

/// <summary>What the slow work on passwords costs, counted and not timed.</summary>
public sealed class PasswordChecksTests
{
    private readonly SignInHarness harness = new();

    private long Derivations => harness.Authenticator.Passwords.Derivations;

    [Fact]
    public async Task A_password_that_held_is_known_again()
    {
        harness.Accounts.Add("app", "right", iterations: 10);

        await harness.Password("app", "right");
        Assert.Equal(SignInResult.SignedIn, (await harness.Password("App", "right")).Result);
        Assert.Equal(1, Derivations);

        Assert.Equal(SignInResult.WrongPassword, (await harness.Password("app", "wrong")).Result);
        Assert.Equal(2, Derivations);
    }

    [Fact]
    public async Task A_known_password_ends_with_its_account_or_its_keys()
    {
        var account = harness.Accounts.Add("app", "right", iterations: 10);
        await harness.Password("app", "right");

        await harness.Accounts.SaveAsync(account with { IsDisabled = true }, default);
        Assert.Equal(SignInResult.AccountDisabled, (await harness.Password("app", "right")).Result);
        Assert.Equal(2, Derivations); // no faster because it is right

        harness.Accounts.Add("app", "new", iterations: 10);
        Assert.Equal(SignInResult.WrongPassword, (await harness.Password("app", "right")).Result);
        Assert.Equal(SignInResult.SignedIn, (await harness.Password("app", "new")).Result);
    }

    [Fact]
    public async Task A_known_password_is_forgotten_after_a_day()
    {
        harness.Accounts.Add("app", "right", iterations: 10);
        await harness.Password("app", "right");
        harness.Time.Advance(TimeSpan.FromHours(24));

        Assert.Equal(SignInResult.SignedIn, (await harness.Password("app", "right")).Result);
        Assert.Equal(2, Derivations);
    }

    [Fact]
    public async Task Many_that_wait_with_the_same_password_make_its_check_once_for_each_processor_and_one_too_many_is_told_to_come_again()
    {
        harness.Accounts.Add("app", "right", iterations: 10);
        await HoldProcessors();
        var waiting = Enumerable.Range(0, PasswordChecks.MaxWaiting).Select(_ => harness.Password("app", "right")).ToList();
        await WaitFor(PasswordChecks.MaxWaiting);

        var outcome = await harness.Password("app", "right");
        Assert.Equal(SignInResult.Unavailable, outcome.Result);
        Assert.Equal("too many passwords wait to be checked", harness.Last.Detail);

        ReleaseProcessors();
        Assert.All(await Task.WhenAll(waiting), o => Assert.Equal(SignInResult.SignedIn, o.Result));
        Assert.InRange(Derivations, 1, Environment.ProcessorCount);
    }

    [Fact]
    public async Task Guesses_that_wait_while_a_lock_is_set_are_not_answered()
    {
        harness.Accounts.Add("app", "right", iterations: 10);
        await HoldProcessors();
        var waiting = Enumerable.Range(0, 100).Select(i => harness.Password("app", $"guess {i}")).ToList();
        await WaitFor(100);
        ReleaseProcessors();

        var outcomes = await Task.WhenAll(waiting);

        Assert.InRange(Derivations, 10, 10 + Environment.ProcessorCount);
        Assert.Equal(100 - Derivations, outcomes.Count(o => o.Result == SignInResult.LockedOut));
    }

    [Fact]
    public async Task A_session_that_ends_while_it_waits_leaves_its_place()
    {
        await HoldProcessors();
        using var end = new CancellationTokenSource();
        var waiting = harness.Authenticator.WithPasswordAsync(SignInHarness.From("192.0.2.7"), "app", "x", end.Token).AsTask();
        await WaitFor(1);

        await end.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, harness.Authenticator.Passwords.Waiting);
    }

    private async Task HoldProcessors()
    {
        for (var i = 0; i < Environment.ProcessorCount; i++)
        {
            await harness.Authenticator.Passwords.Processors.WaitAsync();
        }
    }

    private void ReleaseProcessors() => harness.Authenticator.Passwords.Processors.Release(Environment.ProcessorCount);

    private async Task WaitFor(int waiting)
    {
        using var tooLong = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (harness.Authenticator.Passwords.Waiting < waiting)
        {
            Assert.False(tooLong.IsCancellationRequested, $"never did {waiting} wait");
            await Task.Yield();
        }
    }
}
