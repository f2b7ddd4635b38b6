using Microsoft.Extensions.Time.Testing;
using Relay.Addresses;
using Relay.Mail;
using Relay.Options;

namespace Relay.Tests.Addresses;

/// <summary>What every address book must do.</summary>
public abstract class AddressBookContract : IAsyncLifetime
{
    protected static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    protected FakeTimeProvider Time { get; } = new(Start);

    protected IAddressBook Book { get; set; } = null!;

    /// <summary>Makes a book with nothing in it.</summary>
    protected abstract IAddressBook Open();

    public virtual ValueTask InitializeAsync()
    {
        Book = Open();
        return default;
    }

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return default;
    }

    [Fact]
    public void A_new_book_has_nothing()
    {
        Assert.Empty(Book.Current.Domains);
        Assert.Empty(Book.Current.Aliases);
        Assert.Null(Find("user@example.com"));
    }

    [Fact]
    public async Task A_domain_comes_back_canonical_and_with_who_exists_there()
    {
        await AddDomainAsync("B\u00dcCHER.Example", "Info", "\"two words\"");
        await AddDomainAsync("*.Below.example", "*");

        Assert.Equal(["*.below.example", "xn--bcher-kva.example"], Book.Current.Domains.Select(domain => domain.Name));
        Assert.Equal(["Info", "\"two words\""], Book.Current.Domains[1].Recipients);
    }

    [Fact]
    public async Task A_domain_that_is_added_again_in_another_spelling_is_replaced()
    {
        await AddDomainAsync("b\u00fccher.example", "one");
        await AddDomainAsync("XN--BCHER-KVA.example", "two");

        Assert.Equal(["two"], Assert.Single(Book.Current.Domains).Recipients);
    }

    [Fact]
    public async Task A_domain_is_removed_in_whichever_spelling_and_only_once()
    {
        await AddDomainAsync("b\u00fccher.example", "*");
        await AddDomainAsync("example.com", "*");

        Assert.False(await Book.RemoveDomainAsync("other.example", default));
        Assert.True(await Book.RemoveDomainAsync("XN--BCHER-KVA.Example", default));
        Assert.False(await Book.RemoveDomainAsync("b\u00fccher.example", default));

        Assert.Equal("example.com", Assert.Single(Book.Current.Domains).Name);
    }

    [Theory]
    [InlineData("Info@Example.COM", "info@example.com")]
    [InlineData("@B\u00fccher.example", "@xn--bcher-kva.example")]
    [InlineData("\"Two Words\"@example.com", "\"two words\"@example.com")]
    [InlineData("\"info\"@example.com", "info@example.com")]
    public async Task An_alias_is_kept_under_its_canonical_address(string given, string canonical)
    {
        await Book.AddAliasAsync(new Alias(given, ["Anna@Example.org", "@other.example"]), default);

        var alias = Book.Current.Aliases[canonical.ToUpperInvariant()];
        Assert.Equal(canonical, alias.Address);
        Assert.Equal(["Anna@Example.org", "@other.example"], alias.Targets);
        Assert.Equal(canonical, Assert.Single(Book.Current.Aliases).Key);
    }

    [Fact]
    public async Task An_alias_that_is_added_again_has_the_new_targets_alone()
    {
        await Book.AddAliasAsync(new Alias("info@example.com", ["a@example.org", "b@example.org"]), default);
        await Book.AddAliasAsync(new Alias("INFO@example.com", ["c@example.org"]), default);

        Assert.Equal(["c@example.org"], Assert.Single(Book.Current.Aliases).Value.Targets);
    }

    [Fact]
    public async Task An_alias_is_removed_in_whichever_spelling_and_only_once()
    {
        await Book.AddAliasAsync(new Alias("info@b\u00fccher.example", ["a@example.org"]), default);

        Assert.True(await Book.RemoveAliasAsync("Info@XN--BCHER-KVA.example", default));
        Assert.False(await Book.RemoveAliasAsync("info@b\u00fccher.example", default));

        Assert.Empty(Book.Current.Aliases);
    }

    [Fact]
    public async Task The_snapshot_is_the_same_object_until_domains_or_aliases_change()
    {
        await AddDomainAsync("example.com", "*");
        var before = Book.Current;

        await SuppressAsync("user@example.com");
        Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Same(before, Book.Current);

        await Book.AddAliasAsync(new Alias("info@example.com", ["a@example.org"]), default);
        Assert.NotSame(before, Book.Current);
        Assert.Empty(before.Aliases);
    }

    [Theory]
    [InlineData("User@Example.COM")]
    [InlineData("\"user\"@example.com")]
    public async Task A_suppressed_address_is_found_in_whichever_spelling(string spelling)
    {
        await Book.SuppressAsync(new Suppression("uSER@example.com", "it bounced", Start, Start.AddDays(1)), default);

        Assert.Equal(new Suppression("user@example.com", "it bounced", Start, Start.AddDays(1)), Find(spelling));
        Assert.Null(Find("user+detail@example.com"));
        Assert.Null(Find("user@a.example.com"));
    }

    [Fact]
    public async Task A_suppressed_domain_is_compared_in_a_labels()
    {
        await SuppressAsync("user@b\u00fccher.example");

        Assert.Equal("user@xn--bcher-kva.example", Find("user@B\u00dcCHER.example")?.Address);
    }

    [Fact]
    public async Task An_entry_that_is_added_again_is_replaced()
    {
        await SuppressAsync("user@example.com", Start.AddDays(1));
        await Book.SuppressAsync(new Suppression("user@example.com", "by hand", Start.AddHours(1), null), default);

        Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(new Suppression("user@example.com", "by hand", Start.AddHours(1), null), Find("user@example.com"));
    }

    [Fact]
    public async Task An_entry_that_has_expired_is_not_there()
    {
        await SuppressAsync("user@example.com", Start.AddDays(1));
        Time.Advance(TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1));
        Assert.NotNull(Find("user@example.com"));

        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(Find("user@example.com"));
        Assert.Empty(await Book.SuppressionsAsync(null, 10, default));
        Assert.False(await Book.UnsuppressAsync("user@example.com", default));
    }

    [Fact]
    public async Task An_entry_is_removed_in_whichever_spelling_and_only_once()
    {
        await SuppressAsync("user@example.com");

        Assert.True(await Book.UnsuppressAsync("USER@Example.com", default));
        Assert.False(await Book.UnsuppressAsync("user@example.com", default));

        Assert.Null(Find("user@example.com"));
    }

    [Fact]
    public async Task The_suppression_list_is_read_in_order_page_by_page()
    {
        foreach (var name in new[] { "c", "a", "e", "b", "d" })
        {
            await SuppressAsync($"{name}@example.com");
        }

        var first = await Book.SuppressionsAsync(null, 2, default);
        var second = await Book.SuppressionsAsync("B@Example.com", 2, default);
        var last = await Book.SuppressionsAsync(second[^1].Address, 10, default);

        Assert.Equal(["a@example.com", "b@example.com"], first.Select(entry => entry.Address));
        Assert.Equal(["c@example.com", "d@example.com"], second.Select(entry => entry.Address));
        Assert.Equal(["e@example.com"], last.Select(entry => entry.Address));
    }

    protected Suppression? Find(string address) =>
        Mailbox.TryParse(address, out var mailbox) ? Book.FindSuppression(mailbox) : throw new ArgumentException(address);

    protected Task SuppressAsync(string address, DateTimeOffset? until = null) =>
        Book.SuppressAsync(new Suppression(address, "it bounced", Start, until), default);

    protected Task AddDomainAsync(string name, params string[] recipients) =>
        Book.AddDomainAsync(new DomainOptions { Name = name, Recipients = recipients }, default);
}

/// <summary>The book of the tests is held to the same.</summary>
public sealed class MemoryAddressBookTests : AddressBookContract
{
    protected override IAddressBook Open() => new Support.MemoryAddressBook(Time);
}
