using System.Collections.Concurrent;
using Relay.Addresses;
using Relay.Mail;
using Relay.Options;

namespace Relay.Support;

/// <summary>An address book in memory, for tests of what reads it.</summary>
public sealed class MemoryAddressBook : IAddressBook
{
    private readonly Lock gate = new();

    /// <summary>The suppression list, by address.</summary>
    public ConcurrentDictionary<string, Suppression> Suppressed { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public AddressSnapshot Current { get; private set; } = AddressSnapshot.Empty;

    /// <summary>Adds an alias.</summary>
    public MemoryAddressBook Alias(string address, params string[] targets)
    {
        lock (gate)
        {
            Current = Current with
            {
                Aliases = new Dictionary<string, Alias>(Current.Aliases, StringComparer.OrdinalIgnoreCase) { [address] = new(address, targets) },
            };
        }

        return this;
    }

    /// <inheritdoc/>
    public Suppression? FindSuppression(Mailbox recipient) => Suppressed.GetValueOrDefault(recipient.ToString());

    /// <inheritdoc/>
    public Task AddDomainAsync(DomainOptions domain, CancellationToken cancel)
    {
        lock (gate)
        {
            Current = Current with { Domains = [.. Current.Domains.Where(d => d.Name != domain.Name), domain] };
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<bool> RemoveDomainAsync(string name, CancellationToken cancel)
    {
        lock (gate)
        {
            var before = Current.Domains.Count;
            Current = Current with { Domains = [.. Current.Domains.Where(d => d.Name != name)] };
            return Task.FromResult(Current.Domains.Count < before);
        }
    }

    /// <inheritdoc/>
    public Task AddAliasAsync(Alias alias, CancellationToken cancel)
    {
        Alias(alias.Address, [.. alias.Targets]);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<bool> RemoveAliasAsync(string address, CancellationToken cancel)
    {
        lock (gate)
        {
            var aliases = new Dictionary<string, Alias>(Current.Aliases, StringComparer.OrdinalIgnoreCase);
            var removed = aliases.Remove(address);
            Current = Current with { Aliases = aliases };
            return Task.FromResult(removed);
        }
    }

    /// <inheritdoc/>
    public Task SuppressAsync(Suppression suppression, CancellationToken cancel)
    {
        Suppressed[suppression.Address] = suppression;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<bool> UnsuppressAsync(string address, CancellationToken cancel) => Task.FromResult(Suppressed.TryRemove(address, out _));

    /// <inheritdoc/>
    public Task<IReadOnlyList<Suppression>> SuppressionsAsync(string? after, int limit, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<Suppression>>(
            [.. Suppressed.Values.OrderBy(s => s.Address, StringComparer.Ordinal)
                .Where(s => after is null || string.CompareOrdinal(s.Address, after) > 0).Take(limit)]);
}
