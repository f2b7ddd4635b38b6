using System.Buffers;
using System.Text;
using Relay.Addresses;
using Relay.Mail;
using Relay.Options;

namespace Relay.SmtpIngress;

/// <summary>What our own domains know of a recipient.</summary>
internal enum DomainVerdict
{
    /// <summary>Its domain is not one of ours.</summary>
    NotOurs,

    /// <summary>Its domain is ours, and there it is.</summary>
    Exists,

    /// <summary>Its domain is ours, and there is nobody of that name.</summary>
    NoSuchRecipient,
}

/// <summary>
/// Our own domains and who exists there, by name or as an alias. A name stands before all patterns, and of those the longest counts. Domains
/// are compared without case and in A-labels. Pure: no DNS, no state.
/// </summary>
internal sealed class OwnDomains
{
    private const char DetailSeparator = '+';

    /// <summary>
    /// By these a local part can name a way through other hosts: <c>user%other.example</c>, <c>other.example!user</c>,
    /// <c>"user@other.example"</c>. Whoever may not relay must not get there through a later hop that still reads them so.
    /// </summary>
    private static readonly SearchValues<char> RoutingText = SearchValues.Create("%!@");

    private readonly Dictionary<string, Recipients> exact = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Recipients>.AlternateLookup<ReadOnlySpan<char>> below;
    private readonly HashSet<string> aliases;

    /// <param name="domains">Of two spellings of one domain the first counts.</param>
    /// <param name="aliases">Addresses, or <c>@domain</c>.</param>
    public OwnDomains(IReadOnlyList<DomainOptions> domains, params IEnumerable<string> aliases)
    {
        this.aliases = [.. aliases.Select(CanonicalAddress.Of)];
        below = new Dictionary<string, Recipients>(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var domain in domains)
        {
            var recipients = new Recipients(domain.Recipients);
            if (domain.Name.StartsWith("*.", StringComparison.Ordinal))
            {
                below.Dictionary.TryAdd(ToAscii(domain.Name[2..]), recipients);
            }
            else
            {
                exact.TryAdd(ToAscii(domain.Name), recipients);
            }
        }
    }

    /// <summary>Whether a recipient is one of ours, and exists.</summary>
    public DomainVerdict Find(Mailbox recipient)
    {
        // An address literal names a host and not a domain: it is not ours whatever its address.
        if (recipient.HasAddressLiteral || RecipientsOf(ToAscii(recipient.Domain)) is not { } recipients)
        {
            return DomainVerdict.NotOurs;
        }

        return recipients.Contain(recipient.LocalPart) || IsAlias(recipient) ? DomainVerdict.Exists : DomainVerdict.NoSuchRecipient;
    }

    /// <summary>Its own name is one, or that without its detail, or everybody's in the domain.</summary>
    private bool IsAlias(Mailbox recipient)
    {
        if (aliases.Count == 0)
        {
            return false;
        }

        var local = recipient.LocalPart;
        return aliases.Contains(CanonicalAddress.Of(recipient)) ||
            (!local.AsSpan().ContainsAny(RoutingText) &&
                (aliases.Contains("@" + CanonicalAddress.OfDomain(recipient.Domain)) ||
                    aliases.Contains(CanonicalAddress.Of(recipient with { LocalPart = WithoutDetail(local).ToString() }))));
    }

    private Recipients? RecipientsOf(string domain)
    {
        if (exact.TryGetValue(domain, out var recipients))
        {
            return recipients;
        }

        for (var dot = domain.IndexOf('.'); dot >= 0; dot = domain.IndexOf('.', dot + 1))
        {
            if (below.TryGetValue(domain.AsSpan(dot + 1), out recipients))
            {
                return recipients;
            }
        }

        return null;
    }

    private static string ToAscii(string domain) =>
        !Ascii.IsValid(domain) && DomainName.TryToAscii(domain, out var ascii) ? ascii : domain;

    /// <summary><c>user+detail</c> is a name of <c>user</c> (RFC 5233 §1).</summary>
    private static ReadOnlySpan<char> WithoutDetail(ReadOnlySpan<char> localPart)
    {
        var separator = localPart.IndexOf(DetailSeparator);
        return separator < 0 ? localPart : localPart[..separator];
    }

    /// <summary>The local parts of one domain.</summary>
    private sealed class Recipients
    {
        private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> listed;
        private readonly bool all;

        public Recipients(IReadOnlyList<string> localParts)
        {
            all = localParts.Contains("*");

            // RFC 5321 §4.5.1: every domain has it.
            var names = localParts.Select(Unquoted).Append("postmaster");
            listed = names.ToHashSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
        }

        public bool Contain(ReadOnlySpan<char> localPart)
        {
            if (listed.Contains(localPart))
            {
                return true;
            }

            return !localPart.ContainsAny(RoutingText) && (all || listed.Contains(WithoutDetail(localPart)));
        }

        private static string Unquoted(string localPart) =>
            Mailbox.TryParse($"{localPart}@localhost", out var mailbox) ? mailbox.LocalPart : localPart;
    }
}
