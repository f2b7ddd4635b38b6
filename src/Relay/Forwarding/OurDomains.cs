using Relay.Addresses;
using Relay.Mail;
using Relay.Options;

namespace Relay.Forwarding;

/// <summary>
/// The domains that hosts elsewhere take us to speak for: those of the configuration and of the address book, this host's own name,
/// and those of our return-paths. Mail of their senders need not be rewritten, mail to them does not leave.
/// </summary>
internal sealed class OurDomains(RelayOptions options, IAddressBook book)
{
    private readonly NameSet configured = new([
        .. options.Domains.Select(domain => domain.Name), options.HostName, .. Some(options.Srs.Domain), .. Some(options.Bounces.Domain),
    ]);

    /// <summary>Made anew when the book has changed.</summary>
    private volatile Added added = new(AddressSnapshot.Empty, new NameSet([]));

    public bool Contain(Mailbox address) => !address.HasAddressLiteral &&
        (configured.Find(address.Domain) is not null || Current().Find(address.Domain) is not null);

    private NameSet Current()
    {
        var current = book.Current;
        var known = added;
        if (!ReferenceEquals(known.Of, current))
        {
            added = known = new Added(current, new NameSet(current.Domains.Select(domain => domain.Name)));
        }

        return known.Names;
    }

    private static IEnumerable<string> Some(string? domain) => domain is null ? [] : [domain];

    private sealed record Added(AddressSnapshot Of, NameSet Names);
}
