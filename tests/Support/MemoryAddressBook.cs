using System.Collections.Concurrent;
using Relay.Addresses;
using Relay.Mail;
using Relay.Options;

namespace Relay.Support;

/// <summary>An address book in memory, for tests of what reads it.</summary>
public sealed class MemoryAddressBook(TimeProvider? time = null) : IAddressBook
{
    private readonly Lock gate = new();
    private readonly TimeProvider time = time ?? TimeProvider.System;

    /// <summary>What whoever asks gets instead of an answer; null for an answer.</summary>
    public Exception? Trouble { get; set; }

    /// <summary>The suppression list, by address.</summary>
    public ConcurrentDictionary<string, Suppression> Suppressed { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public AddressSnapshot Current
    {
        get => Trouble is null ? field : throw Trouble;
        private set;
    } = AddressSnapshot.Empty;

    /// <summary>Adds an alias.</summary>
    public MemoryAddressBook Alias(string address, params string[] targets)
    {
        var canonical = CanonicalAddress.Of(address);
        lock (gate)
        {
            Current = Current with
            {
                Aliases = new Dictionary<string, Alias>(Current.Aliases, StringComparer.OrdinalIgnoreCase) { [canonical] = new(canonical, targets) },
            };
        }

        return this;
    }

    /// <inheritdoc/>
    public Suppression? FindSuppression(Mailbox recipient) =>
        Trouble is not null ? throw Trouble
        : Suppressed.GetValueOrDefault(CanonicalAddress.Of(recipient)) is { } entry && Holds(entry) ? entry : null;

    /// <inheritdoc/>
    public Task AddDomainAsync(DomainOptions domain, CancellationToken cancel)
    {
        lock (gate)
        {
            domain = domain with { Name = CanonicalAddress.OfDomain(domain.Name) };
            Current = Current with
            {
                Domains = [.. Current.Domains.Where(d => d.Name != domain.Name).Append(domain).OrderBy(d => d.Name, StringComparer.Ordinal)],
            };
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<bool> RemoveDomainAsync(string name, CancellationToken cancel)
    {
        lock (gate)
        {
            var before = Current.Domains.Count;
            name = CanonicalAddress.OfDomain(name);
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
            var removed = aliases.Remove(CanonicalAddress.Of(address));
            Current = Current with { Aliases = aliases };
            return Task.FromResult(removed);
        }
    }

    /// <inheritdoc/>
    public Task SuppressAsync(Suppression suppression, CancellationToken cancel)
    {
        if (Trouble is not null)
        {
            throw Trouble;
        }

        var address = CanonicalAddress.Of(suppression.Address);
        Suppressed[address] = suppression with { Address = address };
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<bool> UnsuppressAsync(string address, CancellationToken cancel) =>
        Task.FromResult(Suppressed.TryRemove(CanonicalAddress.Of(address), out var entry) && Holds(entry));

    /// <inheritdoc/>
    public Task<IReadOnlyList<Suppression>> SuppressionsAsync(string? after, int limit, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<Suppression>>(
            [.. Suppressed.Values.Where(Holds).OrderBy(s => s.Address, StringComparer.Ordinal)
                .Where(s => after is null || string.CompareOrdinal(s.Address, CanonicalAddress.Of(after)) > 0).Take(limit)]);

    private bool Holds(Suppression entry) => entry.ExpiresAt is not { } end || end > time.GetUtcNow();
}
