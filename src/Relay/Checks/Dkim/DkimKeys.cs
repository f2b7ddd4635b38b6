using Relay.Dns;
using Relay.Mail;

namespace Relay.Checks.Dkim;

/// <summary>The keys of signatures, from DNS. Each name is asked for once, however many signatures name it; one of these is for one message.</summary>
/// <param name="patience">For one question.</param>
/// <param name="most">Questions at most; further keys count as if there were none.</param>
internal sealed class DkimKeys(IDnsResolver dns, TimeProvider time, TimeSpan patience, int most = int.MaxValue)
{
    /// <summary>Keys of one name that are tried.</summary>
    public const int MaxKeys = 4;

    private readonly Dictionary<string, Task<DkimKeyAnswer>> asked = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Questions so far.</summary>
    public int Lookups => asked.Count;

    /// <summary>The name of a key in DNS (RFC 6376 §3.6.2.1).</summary>
    public static string NameOf(string selector, string domain) => $"{selector}._domainkey.{domain}";

    /// <summary>The keys of a domain by this selector. Not to be called by two at once; the tasks may run side by side.</summary>
    public Task<DkimKeyAnswer> FindAsync(string selector, string domain, CancellationToken cancel)
    {
        if (!DomainName.TryToAscii(NameOf(selector, domain), out var name))
        {
            return Task.FromResult(DkimKeyAnswer.None(DkimOutcome.PermError, "the name of the key is no name in DNS"));
        }

        if (!asked.TryGetValue(name, out var answer))
        {
            if (asked.Count == most)
            {
                return Task.FromResult(DkimKeyAnswer.None(DkimOutcome.PermError, "too many keys are needed"));
            }

            asked[name] = answer = AskAsync(name, cancel);
        }

        return answer;
    }

    private async Task<DkimKeyAnswer> AskAsync(string name, CancellationToken cancel)
    {
        var answer = await Patience.WithinAsync(
            patience, time, token => dns.TxtAsync(name, token), () => new(DnsStatus.Temporary, []), cancel);
        if (answer.Status == DnsStatus.Temporary)
        {
            return DkimKeyAnswer.None(DkimOutcome.TempError, "no answer from DNS for the key");
        }

        if (answer.Status != DnsStatus.Found)
        {
            return DkimKeyAnswer.None(DkimOutcome.PermError, "there is no key");
        }

        var keys = answer.Records.Take(MaxKeys).Select(DkimKeyRecord.Parse).OfType<DkimKeyRecord>().ToArray();
        return keys.Length > 0 ? new DkimKeyAnswer(keys, SignatureVerdict.Pass) : DkimKeyAnswer.None(DkimOutcome.PermError, "the key cannot be read");
    }
}

/// <summary>What DNS has for the name of a key.</summary>
/// <param name="Keys">At least one, unless there is a fault.</param>
/// <param name="Fault">Why there is none; a pass where there is one.</param>
internal sealed record DkimKeyAnswer(IReadOnlyList<DkimKeyRecord> Keys, SignatureVerdict Fault)
{
    public static DkimKeyAnswer None(DkimOutcome outcome, string cause) => new([], new SignatureVerdict(outcome, cause));
}
