using Relay.Addresses;
using Relay.Mail;
using Relay.Options;

namespace Relay.SmtpIngress;

/// <summary>
/// Our own domains and aliases as they are now: those of the configuration, and those that the address book has beside them. They
/// are put in order anew only when the book has changed.
/// </summary>
internal sealed class LiveDomains(IReadOnlyList<DomainOptions> configured, IAddressBook book, IReadOnlyList<Alias>? aliases = null)
{
    private volatile Built built = new(AddressSnapshot.Empty, new OwnDomains(configured, With(aliases, AddressSnapshot.Empty.Aliases)));

    /// <summary>Whether a recipient is one of ours, and exists. Throws <see cref="Spool.SpoolException"/> when the book cannot be read now.</summary>
    public DomainVerdict Find(Mailbox recipient)
    {
        var now = book.Current;
        var last = built;
        if (!ReferenceEquals(last.From, now))
        {
            // What is configured comes first, and counts where the book has the same name. Two sessions may do this at once.
            built = last = new Built(now, new OwnDomains([.. configured, .. now.Domains], With(aliases, now.Aliases)));
        }

        return last.Domains.Find(recipient);
    }

    private static IReadOnlyDictionary<string, Alias> With(IReadOnlyList<Alias>? configured, IReadOnlyDictionary<string, Alias> ofBook) =>
        configured is not { Count: > 0 }
            ? ofBook
            : configured.Concat(ofBook.Values).GroupBy(alias => CanonicalAddress.Of(alias.Address)).ToDictionary(same => same.Key, same => same.Last());

    private sealed record Built(AddressSnapshot From, OwnDomains Domains);
}
