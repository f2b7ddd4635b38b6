using System.Net;
using Microsoft.Extensions.Time.Testing;
using Relay.Accounts;
using Lock = Relay.Accounts.Lock;

namespace Relay.Tests.Accounts;

/// <summary>What every engine of the accounts must do.</summary>
public abstract class AccountsContract : IAsyncLifetime
{
    protected static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    protected FakeTimeProvider Time { get; } = new(Start);

    protected IAccounts Accounts { get; set; } = null!;

    /// <summary>Opens the accounts, or opens them again, as another process would.</summary>
    protected abstract IAccounts Open();

    protected abstract ValueTask CloseAsync(IAccounts accounts);

    public virtual ValueTask InitializeAsync()
    {
        Accounts = Open();
        return default;
    }

    public virtual async ValueTask DisposeAsync()
    {
        await CloseAsync(Accounts);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task An_account_comes_back_as_it_was_saved()
    {
        var keys = ScramSha256.Derive("secret", [1, 2, 3], 4096);
        await Accounts.SaveAsync(
            Named("App@Example.com") with
            {
                Password = keys,
                TokenSubject = "c0ffee00-0000-0000-0000-000000000001",
                IsDisabled = true,
                Senders = ["app@example.com", "example.org", "*.example.net", "\"a b\"@example.com"],
                Networks = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("2001:db8::/32")],
                Rate = new Rate(600, TimeSpan.FromHours(1)),
            },
            default);

        var found = await Accounts.FindAsync("App@Example.com", default);

        Assert.NotNull(found);
        Assert.Equal("App@Example.com", found.Name);
        Assert.Equal(
            (keys.Iterations, Convert.ToHexString(keys.Salt), Convert.ToHexString(keys.StoredKey), Convert.ToHexString(keys.ServerKey)),
            (found.Password!.Iterations, Convert.ToHexString(found.Password.Salt), Convert.ToHexString(found.Password.StoredKey),
                Convert.ToHexString(found.Password.ServerKey)));
        Assert.True(found.Password.Verify("secret"));
        Assert.Equal("c0ffee00-0000-0000-0000-000000000001", found.TokenSubject);
        Assert.True(found.IsDisabled);
        Assert.Equal(["app@example.com", "example.org", "*.example.net", "\"a b\"@example.com"], found.Senders);
        Assert.Equal([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("2001:db8::/32")], found.Networks);
        Assert.Equal(new Rate(600, TimeSpan.FromHours(1)), found.Rate);
        Assert.Equal(Start, found.CreatedAt);
    }

    [Fact]
    public async Task An_account_with_nothing_but_a_name_comes_back_so()
    {
        await Accounts.SaveAsync(Named("app"), default);

        var found = await Accounts.FindAsync("app", default);

        Assert.NotNull(found);
        Assert.Null(found.Password);
        Assert.Null(found.TokenSubject);
        Assert.Null(found.Rate);
        Assert.False(found.IsDisabled);
        Assert.Empty(found.Senders);
        Assert.Empty(found.Networks);
    }

    [Fact]
    public async Task A_name_is_found_without_case_and_another_one_is_not()
    {
        await Accounts.SaveAsync(Named("App@Example.com"), default);

        Assert.Equal("App@Example.com", (await Accounts.FindAsync("aPP@example.COM", default))?.Name);
        Assert.Null(await Accounts.FindAsync("app", default));
        Assert.Null(await Accounts.FindAsync("", default));
        Assert.Null(await Accounts.FindAsync("app@example.com\n' OR 1=1", default));
    }

    [Fact]
    public async Task A_subject_is_found_without_case_and_another_one_is_not()
    {
        await Accounts.SaveAsync(Named("token") with { TokenSubject = "ABC" }, default);
        await Accounts.SaveAsync(Named("none"), default);

        Assert.Equal("token", (await Accounts.FindBySubjectAsync("abc", default))?.Name);
        Assert.Null(await Accounts.FindBySubjectAsync("token", default));
        Assert.Null(await Accounts.FindBySubjectAsync("", default));
    }

    [Fact]
    public async Task Saving_the_same_name_replaces_the_whole_account()
    {
        await Accounts.SaveAsync(
            Named("app") with { TokenSubject = "s", Rate = new Rate(1, TimeSpan.FromSeconds(1)), Senders = ["a.example"] }, default);

        await Accounts.SaveAsync(Named("APP") with { IsDisabled = true }, default);

        var only = Assert.Single(await Accounts.ListAsync(default));
        Assert.Equal(("APP", true, null, null, 0), (only.Name, only.IsDisabled, only.TokenSubject, only.Rate, only.Senders.Count));
        Assert.Null(await Accounts.FindBySubjectAsync("s", default));
    }

    [Fact]
    public async Task All_are_listed_by_name_without_case()
    {
        foreach (var name in new[] { "beta", "Alpha", "gamma@example.com" })
        {
            await Accounts.SaveAsync(Named(name), default);
        }

        Assert.Equal(["Alpha", "beta", "gamma@example.com"], (await Accounts.ListAsync(default)).Select(account => account.Name));
    }

    [Fact]
    public async Task A_removed_account_is_gone_and_cannot_be_removed_again()
    {
        await Accounts.SaveAsync(Named("app"), default);
        await Accounts.SaveAsync(Named("other"), default);

        Assert.True(await Accounts.RemoveAsync("APP", default));

        Assert.Null(await Accounts.FindAsync("app", default));
        Assert.NotNull(await Accounts.FindAsync("other", default));
        Assert.False(await Accounts.RemoveAsync("app", default));
    }

    [Fact]
    public async Task Sign_ins_of_a_session_are_found_at_once_oldest_first_and_those_of_others_are_not()
    {
        var first = Attempt("s1", SignInResult.WrongPassword) with { Account = "app", ClientAddress = "192.0.2.1", Detail = "why" };
        var second = Attempt("s1", SignInResult.SignedIn) with { At = Start.AddSeconds(1) };
        Accounts.Record(first);
        Accounts.Record(Attempt("s2", SignInResult.UnknownAccount));
        Accounts.Record(second);

        Assert.Equal([first, second], await Accounts.SignInsAsync("s1", default));
        Assert.Empty(await Accounts.SignInsAsync("s3", default));
    }

    [Fact]
    public async Task Every_verdict_comes_back()
    {
        foreach (var result in Enum.GetValues<SignInResult>())
        {
            Accounts.Record(Attempt("s", result));
        }

        Assert.Equal(Enum.GetValues<SignInResult>(), (await Accounts.SignInsAsync("s", default)).Select(signIn => signIn.Result));
    }

    [Fact]
    public async Task A_lock_is_in_force_until_it_ends()
    {
        var @lock = new Lock(LockKind.Address, "192.0.2.1", 10, Start.AddMinutes(15));
        await Accounts.LockAsync(@lock, default);

        Assert.Equal([@lock], await Accounts.LocksAsync(Start, default));
        Assert.Equal([@lock], await Accounts.LocksAsync(Start.AddMinutes(15).AddMilliseconds(-1), default));
        Assert.Empty(await Accounts.LocksAsync(Start.AddMinutes(15), default));
    }

    [Fact]
    public async Task A_lock_is_made_longer_and_never_shorter()
    {
        await Accounts.LockAsync(new Lock(LockKind.Account, "app", 10, Start.AddMinutes(15)), default);
        await Accounts.LockAsync(new Lock(LockKind.Account, "app", 11, Start.AddMinutes(20)), default);
        await Accounts.LockAsync(new Lock(LockKind.Account, "app", 12, Start.AddMinutes(5)), default);

        Assert.Equal([new Lock(LockKind.Account, "app", 12, Start.AddMinutes(20))], await Accounts.LocksAsync(Start, default));
    }

    [Fact]
    public async Task A_lifted_lock_is_gone_and_the_one_of_the_other_kind_stays()
    {
        await Accounts.LockAsync(new Lock(LockKind.Account, "192.0.2.1", 20, Start.AddMinutes(15)), default);
        await Accounts.LockAsync(new Lock(LockKind.Address, "192.0.2.1", 10, Start.AddMinutes(15)), default);

        Assert.True(await Accounts.UnlockAsync(LockKind.Address, "192.0.2.1", default));

        Assert.Equal([LockKind.Account], (await Accounts.LocksAsync(Start, default)).Select(@lock => @lock.Kind));
        Assert.False(await Accounts.UnlockAsync(LockKind.Address, "192.0.2.1", default));
    }

    [Fact]
    public async Task A_lock_that_has_ended_cannot_be_lifted()
    {
        await Accounts.LockAsync(new Lock(LockKind.Account, "app", 20, Start.AddMinutes(15)), default);
        Time.Advance(TimeSpan.FromMinutes(15));

        Assert.False(await Accounts.UnlockAsync(LockKind.Account, "app", default));
    }

    [Fact]
    public async Task A_lock_of_an_account_is_found_without_case()
    {
        await Accounts.LockAsync(new Lock(LockKind.Account, "App", 20, Start.AddMinutes(15)), default);

        Assert.Equal("app", Assert.Single(await Accounts.LocksAsync(Start, default)).Subject);
        Assert.True(await Accounts.UnlockAsync(LockKind.Account, "APP", default));
    }

    [Fact]
    public async Task What_another_process_changes_is_seen_within_a_second()
    {
        Assert.Empty(await Accounts.ListAsync(default));
        Assert.Empty(await Accounts.LocksAsync(Start, default));
        var other = Open();
        try
        {
            await other.SaveAsync(Named("app") with { TokenSubject = "s" }, default);
            await other.LockAsync(new Lock(LockKind.Account, "app", 20, Start.AddMinutes(15)), default);
            Time.Advance(TimeSpan.FromSeconds(1));

            Assert.NotNull(await Accounts.FindAsync("app", default));
            Assert.NotNull(await Accounts.FindBySubjectAsync("s", default));
            Assert.Single(await Accounts.LocksAsync(Start, default));

            await other.RemoveAsync("app", default);
            await other.UnlockAsync(LockKind.Account, "app", default);
            Time.Advance(TimeSpan.FromSeconds(1));

            Assert.Null(await Accounts.FindAsync("app", default));
            Assert.Empty(await Accounts.LocksAsync(Start, default));
        }
        finally
        {
            await CloseAsync(other);
        }
    }

    [Fact]
    public async Task All_is_there_after_opening_again()
    {
        await Accounts.SaveAsync(Named("app"), default);
        await Accounts.LockAsync(new Lock(LockKind.Account, "app", 20, Start.AddMinutes(15)), default);
        Accounts.Record(Attempt("s", SignInResult.SignedIn));
        await CloseAsync(Accounts);
        Accounts = Open();

        Assert.NotNull(await Accounts.FindAsync("app", default));
        Assert.Single(await Accounts.LocksAsync(Start, default));
        Assert.Single(await Accounts.SignInsAsync("s", default));
    }

    [Fact]
    public async Task Many_changes_at_once_are_all_made()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(async () =>
        {
            await Accounts.SaveAsync(Named($"app{i}"), default);
            Assert.NotNull(await Accounts.FindAsync($"APP{i}", default));
        })));

        Assert.Equal(50, (await Accounts.ListAsync(default)).Count);
    }

    protected static Account Named(string name) => new() { Name = name, CreatedAt = Start };

    protected static SignIn Attempt(string session, SignInResult result) =>
        new() { Session = session, At = Start, Mechanism = "PLAIN", Result = result };
}
