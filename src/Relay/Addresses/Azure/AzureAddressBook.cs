using Azure.Data.Tables;
using Relay.Mail;
using Relay.Options;
using Relay.Spool.Azure;

namespace Relay.Addresses.Azure;

/// <summary>
/// The address book of all instances: one partition of a table. Each instance has domains and aliases in memory, and of the
/// suppression list the hashes of its addresses: only who may be on it is looked up. Changes stand in a journal, which is read once a
/// second at most.
/// </summary>
public sealed class AzureAddressBook : IAddressBook
{
    private readonly StoreTable table;
    private readonly TimeProvider time;
    private readonly BookReader reader;
    private readonly Looked<BookState> looked;

    /// <param name="table">The table of the first shard.</param>
    /// <param name="time">What has expired is not there.</param>
    public AzureAddressBook(TableClient table, TimeProvider time)
    {
        this.table = new StoreTable(table);
        this.time = time;
        reader = new BookReader(this.table, time);
        looked = new Looked<BookState>(reader.ReadAsync, time);
    }

    /// <inheritdoc/>
    public AddressSnapshot Current => looked.Get().Addresses;

    /// <summary>Holds up its thread for one request where the address may be on the list, which few are.</summary>
    public Suppression? FindSuppression(Mailbox recipient)
    {
        var address = CanonicalAddress.Of(recipient);
        return looked.Get().Suppressed.MayHold(address)
            && table.Find(AddressRows.Partition, AddressRows.SuppressionKey(address)) is { } row
            && AddressRows.Suppression(row) is { } found && Holds(found)
                ? found
                : null;
    }

    /// <inheritdoc/>
    public Task AddDomainAsync(DomainOptions domain, CancellationToken cancel) =>
        ChangeAsync(StoreTable.Put(AddressRows.Row(domain with { Name = CanonicalAddress.OfDomain(domain.Name) })), null, cancel);

    /// <inheritdoc/>
    public Task<bool> RemoveDomainAsync(string name, CancellationToken cancel) =>
        ChangeAsync(AddressRows.Removed(AddressRows.DomainKey(CanonicalAddress.OfDomain(name))), null, cancel);

    /// <inheritdoc/>
    public Task AddAliasAsync(Alias alias, CancellationToken cancel) =>
        ChangeAsync(StoreTable.Put(AddressRows.Row(alias with { Address = CanonicalAddress.Of(alias.Address) })), null, cancel);

    /// <inheritdoc/>
    public Task<bool> RemoveAliasAsync(string address, CancellationToken cancel) =>
        ChangeAsync(AddressRows.Removed(AddressRows.AliasKey(CanonicalAddress.Of(address))), null, cancel);

    /// <inheritdoc/>
    public Task SuppressAsync(Suppression suppression, CancellationToken cancel)
    {
        var entry = suppression with { Address = CanonicalAddress.Of(suppression.Address) };
        return ChangeAsync(StoreTable.Put(AddressRows.Row(entry)), entry.Address, cancel);
    }

    /// <summary>That goes into no journal: who may still be on the list is looked up.</summary>
    public async Task<bool> UnsuppressAsync(string address, CancellationToken cancel) =>
        await table.FindAsync(AddressRows.Partition, AddressRows.SuppressionKey(CanonicalAddress.Of(address)), cancel) is { } row
        && await table.TryRemoveAsync(row, cancel)
        && Holds(AddressRows.Suppression(row));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Suppression>> SuppressionsAsync(string? after, int limit, CancellationToken cancel)
    {
        // A key with anything behind it is the next one.
        var from = after is null ? AddressRows.Suppressions : $"{AddressRows.SuppressionKey(CanonicalAddress.Of(after))} ";
        var rows = await table.RangeAsync(
            AddressRows.Partition, from, AddressRows.EndOfSuppressions, cancel, limit, AddressRows.HoldsAt(time.GetUtcNow()));
        return [.. rows.Select(AddressRows.Suppression)];
    }

    /// <summary>Removes what has expired, and what of the journal is too old to be read.</summary>
    public async Task SweepAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        foreach (var row in await table.RangeAsync(
            AddressRows.Partition, AddressRows.Suppressions, AddressRows.EndOfSuppressions, cancel, and: AddressRows.ExpiredAt(now)))
        {
            // Unless somebody has added it again.
            await table.TryRemoveAsync(row, cancel);
        }

        var old = await table.RangeAsync(AddressRows.Partition, AddressRows.Journal, AddressRows.JournalKey(now - BookReader.JournalAge), cancel);
        await table.ChangeAllAsync(old.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row)), cancel);
    }

    private bool Holds(Suppression entry) => entry.ExpiresAt is not { } until || until > time.GetUtcNow();

    /// <summary>The change and its line in the journal, or neither; false when there was nothing to remove.</summary>
    private async Task<bool> ChangeAsync(TableTransactionAction change, string? suppressed, CancellationToken cancel)
    {
        var isMade = await table.TryChangeAsync([change, StoreTable.Put(AddressRows.JournalRow(time.GetUtcNow(), suppressed))], cancel);
        await looked.RefreshAsync();
        return isMade;
    }
}
