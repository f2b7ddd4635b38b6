namespace Relay.Checks.Dmarc;

/// <summary>Whether two domains are aligned.</summary>
internal enum Aligned
{
    No,
    Yes,

    /// <summary>DNS gave no answer.</summary>
    Unknown,
}

/// <summary>Aligns domains with the author's (RFC 9989 §4.10.2), with as few questions as will do.</summary>
internal sealed class DmarcAligner(DmarcQuestions questions, string author)
{
    /// <summary>Domains beside the author's whose tree is walked; further ones of a message are not aligned.</summary>
    private const int MaxWalks = 8;

    private readonly HashSet<string> walked = [];

    public async ValueTask<Aligned> AlignAsync(string domain, DmarcAlignment mode, CancellationToken cancel)
    {
        if (domain == author)
        {
            return Aligned.Yes;
        }

        // Without a label in common there can be no common organizational domain.
        if (mode == DmarcAlignment.Strict || domain[(domain.LastIndexOf('.') + 1)..] != author[(author.LastIndexOf('.') + 1)..])
        {
            return Aligned.No;
        }

        var walk = await questions.WalkAsync(author, cancel);
        if (walk.Failure is not null)
        {
            return Aligned.Unknown;
        }

        var organization = walk.OrganizationalDomain;
        if (!IsWithin(domain, organization) || (!walked.Contains(domain) && walked.Count == MaxWalks))
        {
            return Aligned.No;
        }

        walked.Add(domain);
        var other = await questions.WalkAsync(domain, cancel);
        return other.Failure is not null ? Aligned.Unknown : other.OrganizationalDomain == organization ? Aligned.Yes : Aligned.No;
    }

    private static bool IsWithin(string domain, string organization) =>
        domain == organization || domain.EndsWith($".{organization}", StringComparison.Ordinal);
}
