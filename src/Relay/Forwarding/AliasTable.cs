using Relay.Addresses;
using Relay.Mail;

namespace Relay.Forwarding;

/// <summary>
/// The aliases of the address book, and below them those of the configuration. The whole address stands before the one
/// without its <c>+detail</c> (RFC 5233), and that before all of a domain.
/// </summary>
/// <param name="configured">Those of the configuration.</param>
/// <param name="book">Those that change while the relay runs.</param>
public sealed class AliasTable(IReadOnlyList<Alias> configured, IAddressBook book)
{
    private const char DetailSeparator = '+';

    private readonly Dictionary<string, Alias> configured = ByAddress(configured);

    /// <summary>The alias that an address is, and the detail that it has beyond it, with its separator; null when it is none.</summary>
    internal (Alias Alias, string Detail)? Find(Mailbox address)
    {
        var current = book.Current.Aliases;
        if (current.Count == 0 && configured.Count == 0)
        {
            return null;
        }

        if (Named(current, CanonicalAddress.Of(address)) is { } exact)
        {
            return (exact, "");
        }

        var (user, detail) = Split(address.LocalPart);
        if (detail.Length > 0 && Named(current, CanonicalAddress.Of(address with { LocalPart = user })) is { } ofUser)
        {
            return (ofUser, detail);
        }

        return Named(current, "@" + CanonicalAddress.OfDomain(address.Domain)) is { } ofDomain ? (ofDomain, "") : null;
    }

    /// <summary>What stands before the detail, and the detail with its separator.</summary>
    internal static (string User, string Detail) Split(string localPart)
    {
        var separator = localPart.IndexOf(DetailSeparator);
        return separator > 0 ? (localPart[..separator], localPart[separator..]) : (localPart, "");
    }

    private Alias? Named(IReadOnlyDictionary<string, Alias> current, string address) =>
        current.GetValueOrDefault(address) ?? configured.GetValueOrDefault(address);

    /// <summary>Of two for one address the first counts.</summary>
    private static Dictionary<string, Alias> ByAddress(IReadOnlyList<Alias> aliases)
    {
        var byAddress = new Dictionary<string, Alias>(StringComparer.OrdinalIgnoreCase);
        foreach (var alias in aliases)
        {
            byAddress.TryAdd(CanonicalAddress.Of(alias.Address), alias);
        }

        return byAddress;
    }
}
