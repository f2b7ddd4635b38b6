using MimeKit;
using Relay.Mail;

namespace Relay.Signing;

/// <summary>Who a message is from, as its reader sees it.</summary>
internal static class AuthorDomain
{
    /// <summary>Octets of a <c>From:</c> field that is read; one address takes a small part of it.</summary>
    private const int MaxFrom = 8192;

    /// <summary>The domain of the one address in the one <c>From:</c> field, in A-labels; null where there is not exactly one.</summary>
    public static string? Of(MessageHeader header)
    {
        if (!header.IsWhole || header.Named("From").Take(2).ToArray() is not [var from] || from.Octets.Length > MaxFrom ||
            !InternetAddressList.TryParse(from.Value, out var addresses) ||
            addresses.Mailboxes.Take(2).ToArray() is not [var mailbox])
        {
            return null;
        }

        var at = mailbox.Address.LastIndexOf('@');
        return at >= 0 && DomainName.TryToAscii(mailbox.Address[(at + 1)..], out var domain) ? domain : null;
    }
}
