using System.Text;
using Relay.Mail;

namespace Relay.Addresses;

/// <summary>
/// The one spelling under which an address book keeps an address or a domain: lower case, and the domain in A-labels. By
/// RFC 5321 §2.4 only the domain itself knows whether it tells <c>User</c> from <c>user</c>; nobody is known who does.
/// </summary>
public static class CanonicalAddress
{
    /// <summary>Of a mailbox.</summary>
    public static string Of(Mailbox mailbox) =>
        new Mailbox(mailbox.LocalPart.ToLowerInvariant(), OfDomain(mailbox.Domain)).ToString();

    /// <summary>Of an address as text, or of <c>@domain</c>; of what is neither, its lower case.</summary>
    public static string Of(string text) =>
        text.StartsWith('@') ? "@" + OfDomain(text[1..])
        : Mailbox.TryParse(text, out var mailbox) ? Of(mailbox)
        : text.ToLowerInvariant();

    /// <summary>Of a domain, or of <c>*.domain</c>.</summary>
    public static string OfDomain(string domain)
    {
        if (Ascii.IsValid(domain))
        {
            return domain.ToLowerInvariant();
        }

        var prefix = domain.StartsWith("*.", StringComparison.Ordinal) ? "*." : "";
        return DomainName.TryToAscii(domain[prefix.Length..], out var ascii)
            ? prefix + ascii.ToLowerInvariant()
            : domain.ToLowerInvariant();
    }
}
