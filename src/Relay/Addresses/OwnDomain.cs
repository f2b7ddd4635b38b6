using Relay.Options;

namespace Relay.Addresses;

/// <summary>A domain of ours, and where it is from.</summary>
/// <param name="Name">In A-labels and lower case where it was added; as it is written where it is configured.</param>
/// <param name="Recipients">Who exists there; <c>*</c> for everybody.</param>
/// <param name="Source">Where it stands.</param>
public sealed record OwnDomain(string Name, IReadOnlyList<string> Recipients, EntrySource Source)
{
    /// <summary>Those of the configuration, then those of the book. What stands in both is what the configuration says.</summary>
    public static IReadOnlyList<OwnDomain> All(IReadOnlyList<DomainOptions> configured, AddressSnapshot book)
    {
        var names = configured.Select(domain => CanonicalAddress.OfDomain(domain.Name)).ToHashSet();
        return
        [
            .. configured.Select(domain => new OwnDomain(domain.Name, domain.Recipients, EntrySource.Configuration)),
            .. book.Domains.Where(domain => !names.Contains(CanonicalAddress.OfDomain(domain.Name)))
                .Select(domain => new OwnDomain(domain.Name, domain.Recipients, EntrySource.Added)),
        ];
    }

    /// <summary>The one of that name, in whichever spelling; null when there is none.</summary>
    public static OwnDomain? Find(string name, IReadOnlyList<DomainOptions> configured, AddressSnapshot book)
    {
        var canonical = CanonicalAddress.OfDomain(name);
        return All(configured, book).FirstOrDefault(domain => CanonicalAddress.OfDomain(domain.Name) == canonical);
    }
}

/// <summary>All our own domains.</summary>
/// <param name="Domains">Empty when there are none.</param>
public sealed record OwnDomainList(IReadOnlyList<OwnDomain> Domains);
