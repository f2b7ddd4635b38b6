using Relay.Forwarding;
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

    private readonly OurDomains ours = new(options, book);

    /// <summary>The entry that keeps mail from a recipient; null when none does.</summary>
    /// <exception cref="Spool.SpoolException">The list cannot be read now.</exception>
    public Suppression? Find(Mailbox recipient) =>
        book.FindSuppression(recipient) is { } entry && !MustBeReached(recipient) ? entry : null;

    private bool MustBeReached(Mailbox recipient) =>
        (IsPostmaster(recipient) && IsThisHost(recipient.Domain)) || (IsReturnPath(recipient) && ours.Contain(recipient));

    private bool IsThisHost(string domain) => CanonicalAddress.OfDomain(domain) == CanonicalAddress.OfDomain(options.HostName);

    private static bool IsPostmaster(Mailbox recipient) => recipient.LocalPart.Equals("postmaster", StringComparison.OrdinalIgnoreCase);

    private static bool IsReturnPath(Mailbox recipient) =>
        Array.Exists(ReturnPaths, start => recipient.LocalPart.StartsWith(start, StringComparison.OrdinalIgnoreCase));
}
