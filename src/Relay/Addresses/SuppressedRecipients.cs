using Relay.Mail;
using Relay.Options;

namespace Relay.Addresses;

/// <summary>
/// Which recipients get no mail because the suppression list has them, whatever route leads there. Whoever must be reached is
/// never among them: the postmaster of this host (RFC 5321 §4.5.1), and the addresses that our own bounces come back to.
/// </summary>
public sealed class SuppressedRecipients(IAddressBook book, RelayOptions options)
{
    /// <summary>What our own return-paths begin with: VERP, and SRS in both its forms.</summary>
    private static readonly string[] ReturnPaths = ["bounces+", "srs0=", "srs0+", "srs0-", "srs1=", "srs1+", "srs1-"];

    /// <summary>The entry that keeps mail from a recipient; null when none does.</summary>
    /// <exception cref="Spool.SpoolException">The list cannot be read now.</exception>
    public Suppression? Find(Mailbox recipient) =>
        book.FindSuppression(recipient) is { } entry && !MustBeReached(recipient) ? entry : null;

    private bool MustBeReached(Mailbox recipient)
    {
        var domain = CanonicalAddress.OfDomain(recipient.Domain);
        var isOurHost = IsSame(options.HostName, domain);
        return (isOurHost && recipient.LocalPart.Equals("postmaster", StringComparison.OrdinalIgnoreCase)) ||
            (IsReturnPath(recipient) && OwnNames().Any(own => IsSame(own, domain)));
    }

    private IEnumerable<string> OwnNames() =>
    [
        options.HostName, options.Srs.Domain ?? options.HostName, options.Bounces.Domain ?? options.HostName,
        .. options.Domains.Concat(book.Current.Domains).Select(domain => domain.Name),
    ];

    private static bool IsReturnPath(Mailbox recipient) =>
        Array.Exists(ReturnPaths, start => recipient.LocalPart.StartsWith(start, StringComparison.OrdinalIgnoreCase));

    private static bool IsSame(string name, string canonicalDomain) => CanonicalAddress.OfDomain(name) == canonicalDomain;
}
