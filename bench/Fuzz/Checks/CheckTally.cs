using Relay.Checks;

namespace Relay.Fuzz.Checks;

/// <summary>Counts what the cases reach: cases that all end at the same place try nothing.</summary>
internal sealed class CheckTally
{
    private readonly SortedDictionary<string, int> words = new(StringComparer.Ordinal);

    public void Count(CheckCase one, CheckSubject subject)
    {
        lock (words)
        {
            Add(one.IsBent ? "bent" : "whole");
            foreach (var result in subject.Results)
            {
                foreach (var word in result.Authentication.Select(found => $"{found.Method}={found.Result}").Append(result.Reason).OfType<string>().Distinct())
                {
                    Add(word);
                }
            }
        }
    }

    /// <summary>What no case came to.</summary>
    public IEnumerable<string> Missing() => new[]
    {
        "dkim=pass", "dkim=fail", "dkim=policy", "dkim=neutral", "dkim=permerror", "dkim=temperror", "arc=pass", "arc=fail", "arc=none", "dmarc=pass", "dmarc=fail", "dmarc=none", "dmarc=permerror", "dmarc=temperror",
        "spf=pass", "spf=fail", "spf=softfail", "spf=neutral", "spf=none", "spf=permerror", "spf=temperror", "iprev=pass",
        CheckReasons.DnsListed, CheckReasons.AttachmentName, CheckReasons.DmarcTrustedSealer, CheckReasons.HeaderFromRepeated,
    }.Where(word => !words.ContainsKey(word));

    public override string ToString() => string.Join(", ", words.Select(word => $"{word.Key} {word.Value:N0}"));

    private void Add(string word) => words[word] = words.GetValueOrDefault(word) + 1;
}
