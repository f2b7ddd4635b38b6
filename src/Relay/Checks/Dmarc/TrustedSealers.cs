using Relay.Checks.Arc;
using Relay.Mail;

namespace Relay.Checks.Dmarc;

/// <summary>
/// Whether a chain of ARC says, by the word of sealers that we trust, that a message passed before somebody on its way
/// changed it (RFC 8617 §7.2).
/// </summary>
internal sealed class TrustedSealers(IEnumerable<string> domains)
{
    /// <summary>Characters of the comment.</summary>
    private const int MaxComment = 500;

    private readonly HashSet<string> trusted = new(domains, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The seals that vouch for the message, as a comment for reports; null where nothing does. What a hop has found counts when
    /// this hop and all after it are trusted: any of those could have changed what was before.
    /// </summary>
    public async ValueTask<string?> VouchAsync(
        CheckSubject subject, string author, Func<string, ValueTask<bool>> isAligned)
    {
        if (trusted.Count == 0 || subject.ResultOf(CheckName.Arc) is not ArcCheckResult { Chain.Hops: { Count: > 0 } hops })
        {
            return null;
        }

        var seals = new List<string>();
        for (var i = hops.Count - 1; i >= 0 && trusted.Contains(hops[i].Sealer); i--)
        {
            seals.Add($"as[{hops[i].Instance}].d={hops[i].Sealer} as[{hops[i].Instance}].s={hops[i].Selector}");
            if (await HasPassedAsync(hops[i].Results, author, isAligned))
            {
                var comment = $"arc=pass {string.Join(' ', seals)}";
                return comment[..Math.Min(comment.Length, MaxComment)];
            }
        }

        return null;
    }

    private static async ValueTask<bool> HasPassedAsync(
        IReadOnlyList<AuthenticationResult> results, string author, Func<string, ValueTask<bool>> isAligned)
    {
        foreach (var result in results.Where(result => result.Result == "pass"))
        {
            var domain = DmarcIdentifiers.DomainOf(result.Method switch
            {
                "dmarc" => result["header.from"],
                "dkim" => result["header.d"],
                // Some have the whole address.
                "spf" => result["smtp.mailfrom"] is { } sender ? sender[(sender.LastIndexOf('@') + 1)..] : null,
                _ => null,
            });
            if (domain is not null && (result.Method == "dmarc" ? domain == author : await isAligned(domain)))
            {
                return true;
            }
        }

        return false;
    }
}
