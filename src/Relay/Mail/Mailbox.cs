using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Relay.Mail;

/// <summary>
/// A mail address as the envelope carries it (RFC 5321 §4.1.2, with RFC 6531 §3.3 for UTF-8). The local part is held
/// without quotes and escapes; <see cref="ToString"/> quotes it again where it must be. The local part keeps its case
/// (RFC 5321 §2.4), the domain is compared without case.
/// </summary>
/// <param name="LocalPart">What stands before the @, unquoted; its meaning belongs to the domain alone.</param>
/// <param name="Domain">A domain name, or an address literal with its brackets.</param>
public sealed record Mailbox(string LocalPart, string Domain)
{
    private static readonly SearchValues<char> AtomText =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~.");

    /// <summary>True for an address literal such as <c>[192.0.2.1]</c> (RFC 5321 §4.1.3).</summary>
    public bool HasAddressLiteral => Domain.StartsWith('[');

    /// <summary>False when the address can only be sent with SMTPUTF8 (RFC 6531).</summary>
    public bool IsAscii => Ascii.IsValid(LocalPart) && Ascii.IsValid(Domain);

    /// <summary>Reads a mailbox that is the whole of <paramref name="text"/>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Mailbox? mailbox)
    {
        mailbox = null;
        return text is not null && TryParse(Encoding.UTF8.GetBytes(text), out mailbox);
    }

    /// <summary>Reads a mailbox that is the whole of <paramref name="text"/>, in UTF-8.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out Mailbox? mailbox) =>
        MailboxParser.TryParse(text, out mailbox);

    /// <summary>True when the whole of <paramref name="text"/>, in UTF-8, is a domain or an address literal.</summary>
    public static bool IsDomain(ReadOnlySpan<byte> text) => MailboxParser.TryDomain(text, out _);

    /// <summary>The form of the wire, without angle brackets.</summary>
    public override string ToString() => $"{QuotedLocalPart()}@{Domain}";

    /// <inheritdoc/>
    public bool Equals(Mailbox? other) =>
        other is not null && LocalPart == other.LocalPart &&
        string.Equals(Domain, other.Domain, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(LocalPart, StringComparer.OrdinalIgnoreCase.GetHashCode(Domain));

    private string QuotedLocalPart()
    {
        if (IsDotString(LocalPart))
        {
            return LocalPart;
        }

        var quoted = new StringBuilder("\"", LocalPart.Length + 4);
        foreach (var c in LocalPart)
        {
            if (c is '"' or '\\')
            {
                quoted.Append('\\');
            }

            quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }

    private static bool IsDotString(string local)
    {
        if (local.Length == 0 || local[0] == '.' || local[^1] == '.' || local.Contains("..", StringComparison.Ordinal))
        {
            return false;
        }

        foreach (var c in local)
        {
            if (c < 0x80 && !AtomText.Contains(c))
            {
                return false;
            }
        }

        return true;
    }
}
