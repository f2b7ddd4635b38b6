using Relay.Addresses;
using Relay.Mail;
using Relay.Options;

namespace Relay.SmtpIngress;

/// <summary>
/// Our own domains and aliases as they are now: those of the configuration, and those that the address book has beside them. They
/// are put in order anew only when the book has changed.
/// </summary>
internal sealed class LiveDomains(RelayOptions options, IAddressBook book)
{
    private volatile Built? built;

    /// <summary>Whether a recipient is one of ours, and exists. Throws <see cref="Spool.SpoolException"/> when the book cannot be read now.</summary>
    public DomainVerdict Find(Mailbox recipient)
    {
        var now = book.Current;
        if (built is not { } last || !ReferenceEquals(last.From, now))
        {
            // Two sessions may do this at once.
            built = last = new Built(now, Build(now));
        }

        return last.Domains.Find(recipient);
    }

    /// <summary>What is configured comes first, and counts where the book has the same name.</summary>
    private OwnDomains Build(AddressSnapshot now) =>
        new([.. options.Domains, .. now.Domains], options.Aliases.Concat(now.Aliases.Values).Select(alias => alias.Address));

    private sealed record Built(AddressSnapshot From, OwnDomains Domains);
}
