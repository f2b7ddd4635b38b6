using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Relay.Dns;
using Relay.Telemetry;

namespace Relay.Transport.MxSecurity;

/// <summary>What holds for a domain now.</summary>
/// <param name="Policy">Null for none.</param>
/// <param name="Failure">The fetch that failed, where DNS announces a policy other than this one, or one that should be fetched again.</param>
internal sealed record StsFinding(StsPolicy? Policy, StsFetched? Failure = null)
{
    public static StsFinding Nothing { get; } = new((StsPolicy?)null);
}

/// <summary>
/// The policies of domains (RFC 8461 §3): DNS says which there is, it is fetched when it is new and now and then after that. A
/// policy that holds is kept until a newer one could be had: that its record is gone, or its host silent, takes nothing from it
/// (§3.3, §5.1, §10.2).
/// </summary>
internal sealed partial class StsPolicies(
    IDnsResolver dns, StsFetcher fetcher, StsCache cache, TimeProvider time, ILogger<StsPolicies> log) : IDisposable
{
    /// <summary>Until a fetch that failed is tried again (RFC 8461 §3.3).</summary>
    internal static readonly TimeSpan FailurePause = TimeSpan.FromMinutes(5);

    /// <summary>A policy is fetched again at this age, so that it does not end while it is in use; sooner where it holds for less than twice as long.</summary>
    internal static readonly TimeSpan RefreshAge = TimeSpan.FromDays(1);

    /// <summary>Fetches that failed and are remembered.</summary>
    private const int MaxFailures = 10_000;

    private readonly ConcurrentDictionary<string, Lazy<Task<StsFetched>>> fetching = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Failure> failures = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource closing = new();

    /// <summary>The policy of a domain in A-labels.</summary>
    public async Task<StsFinding> FindAsync(string domain, CancellationToken cancel)
    {
        domain = domain.ToLowerInvariant();
        var id = StsRecord.IdOf(await dns.TxtAsync(StsRecord.NameFor(domain), cancel));
        var kept = cache.Find(domain);
        if (id is null || (kept is not null && kept.Id == id && time.GetUtcNow() < RefreshAt(kept)))
        {
            return new StsFinding(kept?.Policy);
        }

        if (failures.TryGetValue(domain, out var before) && before.Id == id && time.GetUtcNow() < before.At + FailurePause)
        {
            return new StsFinding(kept?.Policy, before.Fetched);
        }

        var fetched = await FetchOnceAsync(domain, id).WaitAsync(cancel);
        return fetched.Policy is { } policy
            ? new StsFinding(policy)
            : new StsFinding(cache.Find(domain)?.Policy, fetched);
    }

    /// <summary>Cuts off what is being fetched.</summary>
    public void Dispose()
    {
        closing.Cancel();
        closing.Dispose();
    }

    private static DateTimeOffset RefreshAt(StsKept kept) =>
        kept.FetchedAt + (kept.Policy.MaxAge / 2 < RefreshAge ? kept.Policy.MaxAge / 2 : RefreshAge);

    /// <summary>However many messages ask: one fetch at a time, and none of them can cut it off.</summary>
    private Task<StsFetched> FetchOnceAsync(string domain, string id) =>
        fetching.GetOrAdd($"{id} {domain}", key => new(() => FetchAsync(key, domain, id))).Value;

    private async Task<StsFetched> FetchAsync(string key, string domain, string id)
    {
        try
        {
            var fetched = await fetcher.FetchAsync(domain, closing.Token);
            Keep(domain, id, fetched);
            return fetched;
        }
        finally
        {
            fetching.TryRemove(key, out _);
        }
    }

    private void Keep(string domain, string id, StsFetched fetched)
    {
        RelayTelemetry.StsFetches.Add(1, new KeyValuePair<string, object?>(
            "result", fetched.Policy is null ? fetched.Fault.ToString().ToLowerInvariant() : "ok"));
        var before = cache.Find(domain);
        if (fetched.Policy is not { } policy)
        {
            if (failures.Count >= MaxFailures)
            {
                failures.Clear();
            }

            failures[domain] = new Failure(id, time.GetUtcNow(), fetched);
            LogFailed(domain, fetched.Detail, before is null ? "none" : StsPolicyText.Word(before.Policy.Mode));
            return;
        }

        failures.TryRemove(domain, out _);
        cache.Put(domain, new StsKept(id, policy, time.GetUtcNow()));
        if (before?.Id != id)
        {
            LogChanged(domain, id, StsPolicyText.Word(policy.Mode));
        }
    }

    [LoggerMessage(EventIds.StsPolicyChanged, LogLevel.Information, "{Domain} has MTA-STS policy {Id}, mode {Mode}")]
    private partial void LogChanged(string domain, string id, string mode);

    [LoggerMessage(EventIds.StsFetchFailed, LogLevel.Information, "the MTA-STS policy of {Domain} cannot be had: {Cause}; mode until then: {Mode}")]
    private partial void LogFailed(string domain, string cause, string mode);

    private sealed record Failure(string Id, DateTimeOffset At, StsFetched Fetched);
}
