using System.Diagnostics.CodeAnalysis;
using MimeKit;

namespace Relay.Mail;

/// <summary>The domain in whose name a message speaks: that of the one address, or of all of them, in its one From field (RFC 9989 §5.3.1).</summary>
internal static class AuthorDomain
{
    /// <summary>Octets of a From field; a longer one has no author.</summary>
    private const int MaxField = 16 * 1024;

    /// <summary>The domain in A-labels and lower case; null, with the reason why, where there is not exactly one.</summary>
    public static string? Of(MessageHeader header, out string fault)
    {
        fault = "";
        if (!header.IsWhole)
        {
            fault = "the header is too long";
            return null;
        }

        var fields = header.Named("From").Take(2).ToArray();
        if (fields.Length != 1)
        {
            fault = fields.Length == 0 ? "no From field" : "several From fields";
            return null;
        }

        var domains = Domains(fields[0]);
        if (domains is [{ } domain])
        {
            return domain;
        }

        fault = domains is null ? "the From field cannot be read"
            : domains.Count == 0 ? "no domain in the From field" : "several domains in the From field";
        return null;
    }

    /// <summary>Null where an address cannot be read, or has no domain that DNS could know.</summary>
    private static List<string>? Domains(HeaderField field)
    {
        var octets = field.Octets.Span;
        if (octets.Length > MaxField)
        {
            return null;
        }

        var value = octets[(octets.IndexOf((byte)':') + 1)..].ToArray();
        if (!InternetAddressList.TryParse(value, out var addresses))
        {
            return null;
        }

        List<string> domains = [];
        foreach (var mailbox in addresses.Mailboxes)
        {
            if (!TryDomain(mailbox.Address, out var domain))
            {
                return null;
            }

            if (!domains.Contains(domain))
            {
                domains.Add(domain);
            }
        }

        return domains;
    }

    private static bool TryDomain(string address, [NotNullWhen(true)] out string? domain)
    {
        var at = address.LastIndexOf('@');
        domain = null;
        return at >= 0 && DomainName.TryToHost(address[(at + 1)..], out domain);
    }
}
