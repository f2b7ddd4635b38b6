using Relay.Mail;

namespace Relay.Accounts;

/// <summary>Which reverse-paths an account may use (RFC 6409 §6.1).</summary>
public static class SendAs
{
    /// <summary>
    /// True when one of the account's sender patterns matches, or it has none. The null reverse-path is nobody's address: an
    /// account that is limited may not use it.
    /// </summary>
    public static bool MaySendAs(this Account account, ReversePath path) =>
        account.Senders.Count == 0 ||
        (path.Mailbox is { } sender && account.Senders.Any(pattern => Matches(pattern, sender)));

    private static bool Matches(string pattern, Mailbox sender)
    {
        var domain = ToAscii(sender.Domain);
        if (pattern.StartsWith("*.", StringComparison.Ordinal))
        {
            return domain.EndsWith("." + ToAscii(pattern[2..]), StringComparison.OrdinalIgnoreCase);
        }

        return Mailbox.TryParse(pattern, out var address)
            ? string.Equals(address.LocalPart, sender.LocalPart, StringComparison.OrdinalIgnoreCase) &&
                string.Equals(ToAscii(address.Domain), domain, StringComparison.OrdinalIgnoreCase)
            : string.Equals(ToAscii(pattern), domain, StringComparison.OrdinalIgnoreCase);
    }

    private static string ToAscii(string domain) => DomainName.TryToAscii(domain, out var ascii) ? ascii : domain;
}
