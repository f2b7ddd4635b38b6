using System.Globalization;
using System.Text;
using Relay.Mail;

namespace Relay.Transport.FinalDelivery;

/// <summary>
/// Where the mail of a recipient is kept, by the pattern of the route. What a stranger writes before the @ never becomes more than
/// one name in the path: all but plain characters stand in it as <c>%XX</c>. <c>user+detail</c> is kept with <c>user</c> (RFC 5233 §1).
/// </summary>
internal static class MailboxPlace
{
    /// <summary>The path of a recipient.</summary>
    public static string Of(string pattern, Mailbox recipient) => pattern
        .Replace("{local}", Name(WithoutDetail(recipient.LocalPart)), StringComparison.Ordinal)
        .Replace("{domain}", Name(DomainName.TryToAscii(recipient.Domain, out var ascii) ? ascii : recipient.Domain), StringComparison.Ordinal);

    private static string WithoutDetail(string localPart)
    {
        var plus = localPart.IndexOf('+');
        return plus > 0 ? localPart[..plus] : localPart;
    }

    private const string LockEnd = ".lock";

    /// <summary>
    /// One name of a path: in lower case, since case tells no mailboxes apart here, and never one with a meaning of its own. What ends
    /// as the lock file of an mbox does would be the lock of another one.
    /// </summary>
    private static string Name(string part)
    {
        var name = new StringBuilder();
        foreach (var octet in Encoding.UTF8.GetBytes(part.ToLowerInvariant()))
        {
            var isPlain = char.IsAsciiLetterLower((char)octet) || char.IsAsciiDigit((char)octet) || octet is (byte)'-' or (byte)'_' or (byte)'+' or (byte)'=' ||
                (octet == (byte)'.' && name.Length > 0);
            _ = isPlain ? name.Append((char)octet) : name.Append(CultureInfo.InvariantCulture, $"%{octet:x2}");
        }

        var text = name.ToString();
        return text.EndsWith(LockEnd, StringComparison.Ordinal) ? $"{text[..^LockEnd.Length]}%2e{LockEnd[1..]}" : text;
    }
}
