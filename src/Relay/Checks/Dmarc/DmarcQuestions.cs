using Relay.Dns;

namespace Relay.Checks.Dmarc;

/// <summary>A policy record with the domain that publishes it.</summary>
internal sealed record PublishedPolicy(string Domain, DmarcPolicyRecord Record);

/// <summary>
/// What DNS has about the domains of one message. Each question is asked once; domains are A-labels in lower case without
/// their last dot.
/// </summary>
internal sealed class DmarcQuestions(IDnsResolver dns)
{
    /// <summary>Questions of one walk (RFC 9989 §4.10): the name itself, and seven more above it.</summary>
    private const int MaxQuestions = 8;

    private readonly Dictionary<string, Answer> answers = [];
    private readonly Dictionary<string, TreeWalk> walks = [];

    /// <summary>Questions that were asked.</summary>
    public int Lookups { get; private set; }

    /// <summary>The policy record at one domain alone.</summary>
    public async ValueTask<Answer> RecordAtAsync(string domain, CancellationToken cancel)
    {
        if (answers.TryGetValue(domain, out var known))
        {
            return known;
        }

        Lookups++;
        var answer = await dns.TxtAsync($"_dmarc.{domain}", cancel);
        return answers[domain] = new Answer(answer.Status, Only(domain, answer.Records), answer.Detail);
    }

    /// <summary>From a domain up to the top of the tree (RFC 9989 §4.10), as far as it needs to go.</summary>
    public async ValueTask<TreeWalk> WalkAsync(string domain, CancellationToken cancel)
    {
        if (walks.TryGetValue(domain, out var known))
        {
            return known;
        }

        List<PublishedPolicy> found = [];
        foreach (var target in Targets(domain))
        {
            var answer = await RecordAtAsync(target, cancel);
            if (answer.Status == DnsStatus.Temporary)
            {
                return walks[domain] = new TreeWalk(domain, found) { Failure = answer.Detail ?? $"no answer for _dmarc.{target}" };
            }

            if (answer.Published is { } published)
            {
                found.Add(published);
                if (published.Record.Psd != DmarcPsd.Unsaid)
                {
                    break;
                }
            }
        }

        return walks[domain] = new TreeWalk(domain, found);
    }

    /// <summary>Whether a domain is there at all (RFC 9989 §3.2.13); null when nobody answers.</summary>
    public async ValueTask<bool?> ExistsAsync(string domain, CancellationToken cancel)
    {
        if (answers.TryGetValue(domain, out var known) && known.Status is DnsStatus.Found or DnsStatus.NoRecords)
        {
            // There is something below it, and so it is there itself (RFC 8020 §2).
            return true;
        }

        Lookups++;
        var answer = await dns.TxtAsync(domain, cancel);
        return answer.Status == DnsStatus.Temporary ? null : answer.Status != DnsStatus.NoSuchName;
    }

    /// <summary>The domains whose records are looked for: of a long name itself, and from its last seven labels up.</summary>
    internal static IEnumerable<string> Targets(string domain)
    {
        yield return domain;
        var labels = domain.Split('.');
        for (var first = Math.Max(1, labels.Length - (MaxQuestions - 1)); first < labels.Length; first++)
        {
            yield return string.Join('.', labels[first..]);
        }
    }

    /// <summary>Where there are several, none counts (RFC 9989 §4.10).</summary>
    private static PublishedPolicy? Only(string domain, IReadOnlyList<string> texts)
    {
        PublishedPolicy? only = null;
        foreach (var text in texts)
        {
            if (DmarcPolicyParser.TryParse(text, out var record))
            {
                if (only is not null)
                {
                    return null;
                }

                only = new PublishedPolicy(domain, record);
            }
        }

        return only;
    }

    /// <summary>What one name has.</summary>
    public sealed record Answer(DnsStatus Status, PublishedPolicy? Published, string? Detail);
}

/// <summary>The policy records from a domain to the top of the tree.</summary>
/// <param name="Start">Where the walk began.</param>
/// <param name="Found">From the longest name to the shortest.</param>
internal sealed record TreeWalk(string Start, IReadOnlyList<PublishedPolicy> Found)
{
    /// <summary>Why the walk broke off, when a question got no answer: then nothing can be said.</summary>
    public string? Failure { get; init; }

    /// <summary>The organizational domain of the start (RFC 9989 §4.10.2).</summary>
    public string OrganizationalDomain
    {
        get
        {
            foreach (var (domain, record) in Found)
            {
                if (record.Psd == DmarcPsd.No)
                {
                    return domain;
                }

                if (record.Psd == DmarcPsd.Yes && domain != Start)
                {
                    return OneLabelBelow(domain);
                }
            }

            return Found.Count > 0 ? Found[^1].Domain : Start;
        }
    }

    /// <summary>
    /// The record that holds for the start (RFC 9989 §4.10.1): its own, that of its organizational domain, or that of the public
    /// suffix above; null when there is none.
    /// </summary>
    public PublishedPolicy? Policy =>
        Found.FirstOrDefault(found => found.Domain == Start) ??
        Found.FirstOrDefault(found => found.Domain == OrganizationalDomain) ??
        Found.FirstOrDefault(found => found.Record.Psd == DmarcPsd.Yes);

    private string OneLabelBelow(string domain)
    {
        var end = Start.Length - domain.Length - 1;
        return Start[(Start.LastIndexOf('.', end - 1) + 1)..];
    }
}
