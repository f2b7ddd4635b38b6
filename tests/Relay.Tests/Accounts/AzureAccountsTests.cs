using Microsoft.Extensions.Logging.Abstractions;
using Relay.Accounts;
using Relay.Accounts.Azure;
using Relay.Spool;
using Relay.Support;
using Lock = Relay.Accounts.Lock;

namespace Relay.Tests.Accounts;

/// <summary>The accounts of many instances: the contract, and what they keep apart.</summary>
public sealed class AzureAccountsTests : AccountsContract
{
    private AzuriteStore store = null!;

    public override async ValueTask InitializeAsync()
    {
        store = await AzuriteStore.NewAsync();
        await base.InitializeAsync();
    }

    protected override IAccounts Open() => new AzureAccounts(store.Table, Time, NullLogger.Instance);

    protected override ValueTask CloseAsync(IAccounts accounts) => ((AzureAccounts)accounts).DisposeAsync();

    [Fact]
    public async Task Of_two_instances_that_give_a_subject_at_once_one_fails()
    {
        var other = Open();
        Assert.Empty(await Accounts.ListAsync(default));
        Assert.Empty(await other.ListAsync(default));

        await other.SaveAsync(Named("a") with { TokenSubject = "s" }, default);

        // What this one knows is a second old: it finds that out when it writes.
        await Assert.ThrowsAsync<SpoolException>(() => Accounts.SaveAsync(Named("b") with { TokenSubject = "S" }, default));
        await Accounts.SaveAsync(Named("A") with { TokenSubject = "S" }, default);
        await CloseAsync(other);
    }

    [Fact]
    public async Task Old_attempts_and_locks_that_have_ended_are_swept()
    {
        Accounts.Record(Attempt("s", SignInResult.SignedIn));
        await Accounts.LockAsync(new Lock(LockKind.Account, "app", 20, Start.AddMinutes(15)), default);
        Assert.Single(await Accounts.SignInsAsync("s", default));
        Time.Advance(TimeSpan.FromDays(31));

        await ((AzureAccounts)Accounts).SweepAsync(default);

        Assert.Empty(store.Table.Query<global::Azure.Data.Tables.TableEntity>());
    }

    [Fact]
    public async Task A_row_that_makes_no_sense_hides_no_other()
    {
        await Accounts.SaveAsync(Named("good"), default);
        await Accounts.SaveAsync(Named("bad"), default);
        await store.Table.UpdateEntityAsync(
            new global::Azure.Data.Tables.TableEntity("accounts", "a|bad") { ["Networks"] = "nonsense" }, global::Azure.ETag.All);
        await CloseAsync(Accounts);
        Accounts = Open();

        Assert.Equal(["good"], (await Accounts.ListAsync(default)).Select(account => account.Name));
    }
}
