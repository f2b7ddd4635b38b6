using System.Text.Json.Serialization;
using Relay.Mail;
using Relay.Options;

namespace Relay.Addresses;

/// <summary>
/// What changes while the relay runs: our own domains beside those of the configuration, aliases, and the suppression list.
/// Every process of an estate sees a change within seconds. Methods throw <see cref="Spool.SpoolException"/> when it cannot be
/// read or written now.
/// </summary>
public interface IAddressBook
{
    /// <summary>Domains and aliases as they were at most seconds ago. The same object until something has changed.</summary>
    AddressSnapshot Current { get; }

    /// <summary>Why mail to an address is not sent; null when it is. What has expired is not there.</summary>
    Suppression? FindSuppression(Mailbox recipient);

    /// <summary>Adds a domain, or replaces who exists there.</summary>
    Task AddDomainAsync(DomainOptions domain, CancellationToken cancel);

    /// <summary>False when it was not there.</summary>
    Task<bool> RemoveDomainAsync(string name, CancellationToken cancel);

    /// <summary>Adds an alias, or replaces its targets.</summary>
    Task AddAliasAsync(Alias alias, CancellationToken cancel);

    /// <summary>False when it was not there.</summary>
    Task<bool> RemoveAliasAsync(string address, CancellationToken cancel);

    /// <summary>Adds an address to the suppression list, or replaces its entry.</summary>
    Task SuppressAsync(Suppression suppression, CancellationToken cancel);

    /// <summary>False when it was not there.</summary>
    Task<bool> UnsuppressAsync(string address, CancellationToken cancel);

    /// <summary>The suppression list in the order of addresses, from behind <paramref name="after"/> on.</summary>
    Task<IReadOnlyList<Suppression>> SuppressionsAsync(string? after, int limit, CancellationToken cancel);
}

/// <summary>Domains and aliases at one moment.</summary>
/// <param name="Domains">Our own domains.</param>
/// <param name="Aliases">Aliases by their <see cref="Alias.Address"/>, compared without case.</param>
public sealed record AddressSnapshot(IReadOnlyList<DomainOptions> Domains, IReadOnlyDictionary<string, Alias> Aliases)
{
    /// <summary>Nothing.</summary>
    public static AddressSnapshot Empty { get; } = new([], new Dictionary<string, Alias>());
}

/// <summary>An address that stands for others.</summary>
/// <param name="Address"><c>user@example.com</c>, or <c>@example.com</c> for everybody there who is no alias (catch-all); lower case, in A-labels.</param>
/// <param name="Targets">Where its mail goes: addresses, or <c>@other.example</c>, which keeps the local part.</param>
public sealed record Alias(string Address, IReadOnlyList<string> Targets);

/// <summary>An entry of the suppression list.</summary>
/// <param name="Address">Lower case, in A-labels.</param>
/// <param name="Reason">Why, for people: <c>added by hand</c>, or the reply that bounced.</param>
/// <param name="AddedAt">Since when.</param>
/// <param name="ExpiresAt">Until when; null for ever.</param>
public sealed record Suppression(string Address, string Reason, DateTimeOffset AddedAt, DateTimeOffset? ExpiresAt)
{
    /// <summary>Since when and why, for the log and the status.</summary>
    [JsonIgnore]
    public string Why => $"on the suppression list since {AddedAt:u}: {Reason}";
}
