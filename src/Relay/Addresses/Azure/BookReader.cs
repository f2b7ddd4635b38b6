using Azure.Data.Tables;
using Relay.Spool.Azure;

namespace Relay.Addresses.Azure;

/// <summary>What an instance knows of the book.</summary>
/// <param name="Addresses">Domains and aliases; the same object until something of them has changed.</param>
/// <param name="Suppressed">Who may be on the suppression list.</param>
/// <param name="LoadedAt">When all of it was read.</param>
/// <param name="ReadTo">The journal is read up to here.</param>
/// <param name="Seen">Its lines from shortly before that.</param>
internal sealed record BookState(
    AddressSnapshot Addresses, AddressHashes Suppressed, DateTimeOffset LoadedAt, DateTimeOffset ReadTo, IReadOnlySet<string> Seen);

/// <summary>Who may be on the suppression list: the hashes of addresses, which take little room. They are only ever added to.</summary>
internal sealed class AddressHashes
{
    private readonly Lock gate = new();
    private readonly HashSet<int> hashes = [];

    public void Add(string address)
    {
        lock (gate)
        {
            hashes.Add(address.GetHashCode(StringComparison.Ordinal));
        }
    }

    public bool MayHold(string address)
    {
        lock (gate)
        {
            return hashes.Contains(address.GetHashCode(StringComparison.Ordinal));
        }
    }
}

/// <summary>Keeps what an instance knows up to date, with one request where nothing has changed.</summary>
internal sealed class BookReader(StoreTable table, TimeProvider time)
{
    /// <summary>The journal goes back as far as this at least.</summary>
    internal static readonly TimeSpan JournalAge = TimeSpan.FromHours(2);

    /// <summary>After this all is read again: what clocks that differ by more than a minute have kept from us does not stay unknown.</summary>
    private static readonly TimeSpan LoadPeriod = TimeSpan.FromHours(1);

    /// <summary>How much the clocks of instances may differ: so much of the journal is read again each time.</summary>
    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(1);

    /// <summary>Reads what has changed since, or everything.</summary>
    public async Task<BookState> ReadAsync(BookState? last)
    {
        var now = time.GetUtcNow();
        var isLoad = last is null || now - last.LoadedAt >= LoadPeriod;
        // Before all else: a change in between is then read twice, and never missed.
        var journal = await table.RangeAsync(
            AddressRows.Partition, AddressRows.JournalKey((isLoad ? now : last!.ReadTo) - MaxSkew), AddressRows.EndOfJournal, CancellationToken.None);
        var suppressed = isLoad ? await SuppressedAsync() : last!.Suppressed;
        var isChanged = isLoad;
        foreach (var line in journal.Where(line => isLoad || !last!.Seen.Contains(line.RowKey)))
        {
            if (AddressRows.SuppressedBy(line) is { } address)
            {
                suppressed.Add(address);
            }
            else
            {
                isChanged = true;
            }
        }

        return new BookState(
            isChanged ? await AddressesAsync() : last!.Addresses, suppressed, isLoad ? now : last!.LoadedAt, now, journal.Select(line => line.RowKey).ToHashSet());
    }

    /// <summary>Domains and aliases stand together, before the suppression list.</summary>
    private async Task<AddressSnapshot> AddressesAsync() => AddressRows.Snapshot(
        await table.RangeAsync(AddressRows.Partition, AddressRows.Aliases, AddressRows.EndOfDomains, CancellationToken.None));

    private async Task<AddressHashes> SuppressedAsync()
    {
        var hashes = new AddressHashes();
        foreach (var row in await table.RangeAsync(
            AddressRows.Partition, AddressRows.Suppressions, AddressRows.EndOfSuppressions, CancellationToken.None, columns: ["Address"]))
        {
            hashes.Add(row.GetString("Address"));
        }

        return hashes;
    }
}
