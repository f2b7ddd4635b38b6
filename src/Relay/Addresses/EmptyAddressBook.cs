using Relay.Mail;
using Relay.Options;
using Relay.Spool;

namespace Relay.Addresses;

/// <summary>A book with nothing in it, that takes nothing.</summary>
public sealed class EmptyAddressBook : IAddressBook
{
    private EmptyAddressBook()
    {
    }

    /// <summary>The one.</summary>
    public static EmptyAddressBook Instance { get; } = new();

    /// <inheritdoc/>
    public AddressSnapshot Current => AddressSnapshot.Empty;

    /// <inheritdoc/>
    public Suppression? FindSuppression(Mailbox recipient) => null;

    /// <inheritdoc/>
    public Task AddDomainAsync(DomainOptions domain, CancellationToken cancel) => throw ReadOnly();

    /// <inheritdoc/>
    public Task<bool> RemoveDomainAsync(string name, CancellationToken cancel) => Task.FromResult(false);

    /// <inheritdoc/>
    public Task AddAliasAsync(Alias alias, CancellationToken cancel) => throw ReadOnly();

    /// <inheritdoc/>
    public Task<bool> RemoveAliasAsync(string address, CancellationToken cancel) => Task.FromResult(false);

    /// <inheritdoc/>
    public Task SuppressAsync(Suppression suppression, CancellationToken cancel) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<bool> UnsuppressAsync(string address, CancellationToken cancel) => Task.FromResult(false);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Suppression>> SuppressionsAsync(string? after, int limit, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<Suppression>>([]);

    private static SpoolException ReadOnly() => new(SpoolFault.Unavailable, "this estate has no address book");
}
