using Relay.Addresses;
using Relay.Addresses.Azure;
using Relay.Options;
using Relay.Support;

namespace Relay.Tests.Addresses;

/// <summary>The book of many instances: the contract, and what they see of each other.</summary>
public sealed class AzureAddressBookTests : AddressBookContract
{
    private AzuriteStore store = null!;

    protected override IAddressBook Open() => new AzureAddressBook(store.Table, Time);

    public override async ValueTask InitializeAsync()
    {
        store = await AzuriteStore.NewAsync();
        await base.InitializeAsync();
    }

    [Fact]
    public async Task What_another_instance_changes_is_seen_within_seconds()
    {
        var other = Open();
        Assert.Empty(Book.Current.Domains);
        Assert.Null(Find("user@example.com"));

        await other.AddDomainAsync(new DomainOptions { Name = "example.com" }, default);
        await other.SuppressAsync(new Suppression("user@example.com", "by hand", Start, null), default);
        Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Single(Book.Current.Domains);
        Assert.NotNull(Find("user@example.com"));
        await other.RemoveDomainAsync("example.com", default);
        await other.UnsuppressAsync("user@example.com", default);
        Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Empty(Book.Current.Domains);
        Assert.Null(Find("user@example.com"));
    }

    [Fact]
    public async Task An_instance_whose_clock_is_half_a_minute_behind_is_heard_too()
    {
        var behind = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Start.AddSeconds(-30));
        var other = new AzureAddressBook(store.Table, behind);
        Assert.Null(Find("b@example.com"));

        await other.SuppressAsync(new Suppression("b@example.com", "by hand", Start, null), default);
        Time.Advance(TimeSpan.FromSeconds(6));

        Assert.NotNull(Find("b@example.com"));
    }

    [Fact]
    public async Task All_is_there_when_the_journal_is_swept_and_what_has_expired_is_gone()
    {
        await AddDomainAsync("example.com", "info");
        await SuppressAsync("a@example.com");
        await SuppressAsync("b@example.com", Start.AddHours(1));
        Time.Advance(TimeSpan.FromHours(3));

        await ((AzureAddressBook)Book).SweepAsync(default);

        Assert.Equal(2, store.Table.Query<global::Azure.Data.Tables.TableEntity>().Count());
        Book = Open();
        Assert.Single(Book.Current.Domains);
        Assert.NotNull(Find("a@example.com"));
    }

    [Fact]
    public async Task Without_the_table_it_is_a_fault_of_the_spool()
    {
        await store.Table.DeleteAsync();

        await Assert.ThrowsAsync<Relay.Spool.SpoolException>(() => SuppressAsync("a@example.com"));
    }

    [Theory]
    [InlineData("\"a/b\"@example.com")]
    [InlineData("\"a\\\\b\"@example.com")]
    [InlineData("a#b?c%d=e'f|g@example.com")]
    [InlineData("\u00e9\U0001f600@example.com")]
    public async Task An_address_of_any_characters_is_kept(string address)
    {
        await SuppressAsync(address);
        await Book.AddAliasAsync(new Alias(address, ["a@example.org"]), default);

        Assert.NotNull(Find(address));
        Assert.Single(Book.Current.Aliases);
        Assert.Empty(await Book.SuppressionsAsync(address, 10, default));
        Assert.True(await Book.UnsuppressAsync(address, default));
        Assert.True(await Book.RemoveAliasAsync(address, default));
    }
}
