using Relay.Checks.Dkim;
using Relay.Mail;

namespace Relay.Checks.Dmarc;

/// <summary>A domain that SPF or DKIM looked at.</summary>
/// <param name="Method"><c>spf</c> or <c>dkim</c>.</param>
/// <param name="Domain">In A-labels and lower case; null for what is no domain.</param>
/// <param name="Selector">Of DKIM.</param>
/// <param name="Result">In the words of RFC 8601; null where the method was not looked at.</param>
internal sealed record DmarcIdentifier(string Method, string? Domain, string Selector, string? Result)
{
    public bool IsPass => Result == "pass" && Domain is not null;

    /// <summary>It did not pass, and nobody can say that it does not.</summary>
    public bool IsOpen => Result is null or "temperror";
}

/// <summary>What SPF and DKIM have found, as DMARC needs it (RFC 9989 §5.3.3).</summary>
/// <param name="Spf">The MAIL FROM identity.</param>
/// <param name="Dkim">The signatures.</param>
internal sealed record DmarcIdentifiers(DmarcIdentifier Spf, IReadOnlyList<DmarcIdentifier> Dkim)
{
    /// <summary>Characters of a selector that are kept: it is part of a name in DNS.</summary>
    private const int MaxSelector = 253;

    public static DmarcIdentifiers Of(CheckSubject subject) => new(SpfOf(subject), [.. DkimOf(subject)]);

    /// <summary>Of the null reverse-path the identity is that of HELO (RFC 7208 §2.4), and of no other (RFC 9989 §4.4.2).</summary>
    private static DmarcIdentifier SpfOf(CheckSubject subject)
    {
        var isNull = subject.ReversePath is not { IsNull: false };
        var domain = DomainOf(isNull ? subject.Helo : subject.ReversePath?.Mailbox?.Domain);
        if (subject.ClientAddress is null || subject.ResultOf(CheckName.Spf) is not { } result)
        {
            return new DmarcIdentifier("spf", domain, "", null);
        }

        var found = result.Authentication.Where(entry => entry.Method == "spf").ToArray();
        var entry = found.FirstOrDefault(entry => entry["smtp.mailfrom"] is not null) ??
            found.FirstOrDefault(entry => isNull || entry["smtp.helo"] is null);
        return new DmarcIdentifier(
            "spf", DomainOf(entry?["smtp.mailfrom"] ?? entry?["smtp.helo"]) ?? domain, "", entry?.Result ?? "none");
    }

    private static IEnumerable<DmarcIdentifier> DkimOf(CheckSubject subject)
    {
        if (subject.ResultOf(CheckName.Dkim) is not { } result)
        {
            return Unverified(subject, null);
        }

        var entries = result.Authentication.Where(entry => entry.Method == "dkim").ToArray();
        return entries.Any(entry => entry is { Result: "temperror" } && entry["header.d"] is null)
            ? Unverified(subject, "temperror")
            : entries.Select(entry => new DmarcIdentifier("dkim", DomainOf(entry["header.d"]), Short(entry["header.s"] ?? ""), entry.Result));
    }

    /// <summary>Where the check was cut short, or did not run: whom the message claims to be signed by. Nobody else could have made it pass.</summary>
    private static IEnumerable<DmarcIdentifier> Unverified(CheckSubject subject, string? result)
    {
        foreach (var field in subject.Header?.Named(DkimSignature.FieldName).Take(DkimVerifier.MaxSignatures) ?? [])
        {
            if (TagList.TryParse(field, out var tags) && DomainOf(tags["d"]) is { } domain)
            {
                yield return new DmarcIdentifier("dkim", domain, "", result);
            }
        }
    }

    private static string Short(string selector) => selector[..Math.Min(selector.Length, MaxSelector)];

    /// <summary>In A-labels and lower case; null for what is no domain, an address literal or an address among them.</summary>
    internal static string? DomainOf(string? text) => DomainName.TryToHost(text, out var domain) ? domain : null;
}
