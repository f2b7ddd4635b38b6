using System.Net;
using System.Net.Sockets;
using Relay.Dns;
using Relay.Options;

namespace Relay.Checks.DnsLists;

/// <summary>One list in DNS. Whatever is wrong with it is an answer that counts for nothing.</summary>
/// <param name="patience">For one question; a list that takes longer has no answer, and the others still count.</param>
internal sealed class DnsList(DnsListOptions options, IDnsResolver dns, TimeSpan patience, TimeProvider time, DnsListWatch watch)
{
    /// <summary>Characters of a list's own words that are told.</summary>
    private const int MaxText = 200;

    /// <summary>Addresses of an answer that are told.</summary>
    private const int MaxReplies = 10;

    /// <summary>How often it is seen whether the list has its test entry.</summary>
    private static readonly TimeSpan TestInterval = TimeSpan.FromHours(1);

    private readonly DnsListReplies replies = new(options.Replies);
    private long nextTest = long.MinValue;

    /// <summary>What the list says; null when there is nothing to ask.</summary>
    public async Task<DnsListAnswer?> AskAsync(DnsListSubjects subjects, CancellationToken cancel)
    {
        var answers = await Task.WhenAll(options.Of.Select(of => AskAsync(of, subjects, cancel)));
        if (answers.OfType<DnsListAnswer>().MinBy(answer => answer.Result) is not { } answer)
        {
            return null;
        }

        watch.Saw(answer);
        return answer with { Lookups = answers.Sum(each => each?.Lookups ?? 0) };
    }

    private async Task<DnsListAnswer?> AskAsync(DnsListSubject of, DnsListSubjects subjects, CancellationToken cancel)
    {
        if (await subjects.KeyAsync(of, patience) is not { } key)
        {
            return null;
        }

        var found = await AddressesAsync(key, cancel);
        var answer = Answer(replies.Read(found), found.Detail ?? $"{key}: {string.Join(", ", found.Records.Take(MaxReplies))}", lookups: 1);
        if (answer.Result == DnsListResult.Listed)
        {
            return await ListedAsync(key, answer, cancel);
        }

        if (answer.Result == DnsListResult.Clean && IsTestDue())
        {
            await TestAsync(key.AlwaysListed, cancel);
            return answer with { Lookups = 2 };
        }

        return answer;
    }

    private async Task TestAsync(DnsListKey entry, CancellationToken cancel)
    {
        var test = await AddressesAsync(entry, cancel);
        if (test.Status != DnsStatus.Temporary)
        {
            watch.SawTestEntry(entry, isThere: test.Status == DnsStatus.Found);
        }
    }

    /// <summary>Asks for the list's words, and whether it says the same of everybody: then it has been given up (RFC 5782 §5).</summary>
    private async Task<DnsListAnswer> ListedAsync(DnsListKey key, DnsListAnswer answer, CancellationToken cancel)
    {
        var text = WithinPatienceAsync(token => dns.TxtAsync(key.In(options.Zone), token), cancel);
        var everybody = AddressesAsync(key.NeverListed, cancel);
        await Task.WhenAll(text, everybody);
        return (await everybody).Status == DnsStatus.Found
            ? Answer(DnsListResult.Broken, $"it lists {key.NeverListed}, which no list does", lookups: 3)
            : answer with { Text = (await text).Records.Select(Printable).FirstOrDefault(), Lookups = 3 };
    }

    private Task<DnsAnswer<IPAddress>> AddressesAsync(DnsListKey key, CancellationToken cancel) => WithinPatienceAsync(
        token => dns.AddressesAsync(key.In(options.Zone), AddressFamily.InterNetwork, token), cancel);

    private Task<DnsAnswer<T>> WithinPatienceAsync<T>(Func<CancellationToken, Task<DnsAnswer<T>>> ask, CancellationToken cancel) =>
        Patience.WithinAsync(patience, time, ask, () => new(DnsStatus.Temporary, [], $"no answer within {patience.TotalSeconds} s"), cancel);

    private bool IsTestDue()
    {
        var (now, due) = (time.GetUtcNow().UtcTicks, Volatile.Read(ref nextTest));
        return now >= due && Interlocked.CompareExchange(ref nextTest, now + TestInterval.Ticks, due) == due;
    }

    private DnsListAnswer Answer(DnsListResult result, string detail, int lookups) =>
        new(options.Zone, options.Weight, result) { Detail = detail, Lookups = lookups };

    private static string Printable(string text)
    {
        var clean = text.AsSpan(0, Math.Min(text.Length, MaxText)).ToArray();
        for (var i = 0; i < clean.Length; i++)
        {
            clean[i] = clean[i] is >= ' ' and <= '~' ? clean[i] : ' ';
        }

        return new string(clean).Trim();
    }
}
