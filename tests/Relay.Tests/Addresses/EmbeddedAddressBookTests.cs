using Microsoft.Data.Sqlite;
using Relay.Addresses;
using Relay.Addresses.Embedded;
using Relay.Options;
using Relay.Spool;

namespace Relay.Tests.Addresses;

/// <summary>The book of one machine: the contract, and what several processes see of each other.</summary>
public sealed class EmbeddedAddressBookTests : AddressBookContract
{
    private readonly string folder = Directory.CreateTempSubdirectory("relay-addresses-").FullName;
    private readonly List<EmbeddedAddressBook> opened = [];

    private string File => Path.Combine(folder, "addresses.db");

    protected override IAddressBook Open()
    {
        opened.Add(EmbeddedAddressBook.Open(folder, Time));
        return opened[^1];
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var book in opened)
        {
            await book.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
        await base.DisposeAsync();
    }

    [Fact]
    public async Task All_is_there_again_when_the_book_is_opened_again()
    {
        await AddDomainAsync("example.com", "info");
        await Book.AddAliasAsync(new Alias("info@example.com", ["a@example.org"]), default);
        await SuppressAsync("user@example.com", Start.AddDays(1));
        await opened[0].DisposeAsync();

        Book = Open();

        Assert.Equal(["info"], Assert.Single(Book.Current.Domains).Recipients);
        Assert.Equal(["a@example.org"], Book.Current.Aliases["info@example.com"].Targets);
        Assert.Equal(new Suppression("user@example.com", "it bounced", Start, Start.AddDays(1)), Find("user@example.com"));
    }

    [Fact]
    public async Task What_another_process_changes_is_seen_within_a_second()
    {
        var other = Open();
        Assert.Empty(Book.Current.Domains);
        Assert.Null(Find("user@example.com"));

        await other.AddDomainAsync(new DomainOptions { Name = "example.com" }, default);
        await other.SuppressAsync(new Suppression("user@example.com", "by hand", Start, null), default);
        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Single(Book.Current.Domains);
        Assert.NotNull(Find("user@example.com"));

        await other.RemoveDomainAsync("example.com", default);
        await other.UnsuppressAsync("user@example.com", default);
        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Empty(Book.Current.Domains);
        Assert.Null(Find("user@example.com"));
    }

    [Fact]
    public async Task Between_two_looks_nothing_is_read()
    {
        var other = Open();
        var before = Book.Current;
        await other.AddDomainAsync(new DomainOptions { Name = "example.com" }, default);

        Time.Advance(TimeSpan.FromMilliseconds(999));

        Assert.Same(before, Book.Current);
    }

    [Fact]
    public async Task Changes_that_wait_together_are_all_made()
    {
        await Task.WhenAll(Enumerable.Range(0, 2500).Select(n => SuppressAsync($"user{n}@example.com")));

        Assert.NotNull(Find("user0@example.com"));
        Assert.NotNull(Find("user2499@example.com"));
        Assert.Equal(2500, (await Book.SuppressionsAsync(null, 10_000, default)).Count);
    }

    [Fact]
    public async Task What_has_expired_is_removed_by_and_by_as_other_entries_come()
    {
        await Task.WhenAll(Enumerable.Range(0, 100).Select(n => SuppressAsync($"old{n}@example.com", Start.AddDays(1))));
        Time.Advance(TimeSpan.FromDays(1));

        await SuppressAsync("new@example.com");
        Assert.InRange(CountRows(), 2, 100);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(n => SuppressAsync($"new{n}@example.com")));

        Assert.Equal(21, CountRows());
    }

    [Fact]
    public async Task Of_changes_that_are_committed_together_a_bad_one_does_not_fail_the_others()
    {
        using (var connection = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = """
                CREATE TRIGGER refuse BEFORE INSERT ON suppression WHEN new.address = 'bad@example.com' BEGIN SELECT RAISE(ABORT, 'no'); END
                """;
            command.ExecuteNonQuery();
        }

        var good = Enumerable.Range(0, 50).Select(n => SuppressAsync($"good{n}@example.com")).ToArray();
        var bad = SuppressAsync("bad@example.com");
        var more = Enumerable.Range(50, 50).Select(n => SuppressAsync($"good{n}@example.com")).ToArray();

        await Assert.ThrowsAsync<SpoolException>(() => bad);
        await Task.WhenAll([.. good, .. more]);
        Assert.Equal(100, CountRows());
    }

    [Fact]
    public async Task A_closed_book_says_so()
    {
        await SuppressAsync("user@example.com");
        await opened[0].DisposeAsync();

        Assert.Throws<SpoolException>(() => Book.Current);
        await Assert.ThrowsAsync<SpoolException>(() => SuppressAsync("other@example.com"));
    }

    [Fact]
    public void The_file_is_for_its_owner_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("there are no such permissions");
            return;
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public void A_lookup_of_a_suppression_goes_by_the_key()
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN SELECT 1 FROM suppression WHERE address = 'a' AND (expires_at IS NULL OR expires_at > 1)";
        using var plan = command.ExecuteReader();
        Assert.True(plan.Read());
        Assert.Contains("USING PRIMARY KEY (address=?)", plan.GetString(3));
    }

    private long CountRows()
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM suppression";
        return (long)command.ExecuteScalar()!;
    }
}
