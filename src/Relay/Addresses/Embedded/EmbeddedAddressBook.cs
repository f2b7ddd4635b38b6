using Relay.Mail;
using Relay.Options;
using Relay.Spool;

namespace Relay.Addresses.Embedded;

/// <summary>
/// The address book of one machine: a SQLite file of its own in the data folder, which several processes may have open. What
/// a command changes beside a running relay, the relay sees within a second.
/// </summary>
public sealed class EmbeddedAddressBook : IAddressBook, IAsyncDisposable
{
    private readonly string file;
    private readonly TimeProvider time;
    private readonly AddressesReader reader;
    private readonly AddressesWriter writer;

    private EmbeddedAddressBook(string file, TimeProvider time)
    {
        this.file = file;
        this.time = time;
        reader = new AddressesReader(file, time);
        writer = new AddressesWriter(file);
    }

    /// <inheritdoc/>
    public AddressSnapshot Current => reader.Current;

    /// <summary>Opens the book of a data folder, and makes it where there is none.</summary>
    /// <exception cref="SpoolException">The file cannot be read or written; the message says why.</exception>
    public static EmbeddedAddressBook Open(string dataFolder, TimeProvider time) =>
        new(AddressesFile.Create(Path.GetFullPath(dataFolder)), time);

    /// <summary>Whether a data folder has a book: <see cref="Open"/> would have to make nothing.</summary>
    public static bool ExistsIn(string dataFolder) => File.Exists(AddressesFile.In(dataFolder));

    /// <inheritdoc/>
    public Suppression? FindSuppression(Mailbox recipient) => reader.FindSuppression(recipient);

    /// <inheritdoc/>
    public Task AddDomainAsync(DomainOptions domain, CancellationToken cancel) => SeenAsync(writer.SaveAsync(domain, cancel));

    /// <inheritdoc/>
    public Task<bool> RemoveDomainAsync(string name, CancellationToken cancel) => SeenAsync(writer.RemoveDomainAsync(name, cancel));

    /// <inheritdoc/>
    public Task AddAliasAsync(Alias alias, CancellationToken cancel) => SeenAsync(writer.SaveAsync(alias, cancel));

    /// <inheritdoc/>
    public Task<bool> RemoveAliasAsync(string address, CancellationToken cancel) => SeenAsync(writer.RemoveAliasAsync(address, cancel));

    /// <inheritdoc/>
    public Task SuppressAsync(Suppression suppression, CancellationToken cancel) =>
        SeenAsync(writer.SuppressAsync(suppression, time.GetUtcNow(), cancel));

    /// <inheritdoc/>
    public Task<bool> UnsuppressAsync(string address, CancellationToken cancel) =>
        SeenAsync(writer.UnsuppressAsync(address, time.GetUtcNow(), cancel));

    /// <summary>On a connection of its own: whoever reads a long list must not hold up mail.</summary>
    public Task<IReadOnlyList<Suppression>> SuppressionsAsync(string? after, int limit, CancellationToken cancel) => Task.Run(
        IReadOnlyList<Suppression> () =>
        {
            using var connection = AddressesFile.Connect(file);
            return AddressRows.Suppressions(connection, after is null ? "" : CanonicalAddress.Of(after), limit, time.GetUtcNow());
        },
        cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await writer.DisposeAsync();
        reader.Dispose();
    }

    /// <summary>Whoever has changed something sees it at once.</summary>
    private async Task SeenAsync(Task change)
    {
        await change;
        reader.Forget();
    }

    private async Task<bool> SeenAsync(Task<bool> change)
    {
        var removed = await change;
        reader.Forget();
        return removed;
    }
}
