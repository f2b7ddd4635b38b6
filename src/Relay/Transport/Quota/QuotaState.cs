using System.Text.Json;
using System.Text.Json.Serialization;
using Relay.Accounts;

namespace Relay.Transport.Quota;

/// <summary>
/// What is taken of a quota: a bucket for each limit, which is filled again when its time has passed since the first token was
/// taken. Filled drop by drop it would let a burst and its refill through in one and the same hour, twice what the service allows. Pure.
/// </summary>
internal sealed record QuotaState
{
    /// <summary>Nothing is taken.</summary>
    public static QuotaState Full { get; } = new();

    /// <summary>One for each limit, by its time.</summary>
    public IReadOnlyList<QuotaBucket> Buckets { get; init; } = [];

    /// <summary>Nothing is to be had before this.</summary>
    public DateTimeOffset EmptyUntil { get; init; }

    /// <summary>Reads what <see cref="ToJson"/> gave.</summary>
    public static QuotaState Parse(string json) => JsonSerializer.Deserialize(json, QuotaJson.Default.QuotaState) ?? Full;

    /// <summary>How it is stored.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, QuotaJson.Default.QuotaState);

    /// <summary>Takes from each limit, or says from when on there may be enough; then nothing has changed.</summary>
    public (QuotaState State, DateTimeOffset? FreeAt) Take(DateTimeOffset now, int count, IReadOnlyList<Rate> limits)
    {
        var buckets = limits.Select(limit => Current(limit, now)).ToArray();
        var spent = limits.Zip(buckets).Where(pair => pair.Second.Taken + count > pair.First.Count)
            .Select(pair => pair.Second.Since + pair.Second.Period).Append(EmptyUntil).Max();
        return spent > now
            ? (this, spent)
            : (this with { Buckets = [.. buckets.Select(bucket => bucket with { Taken = bucket.Taken + count })] }, null);
    }

    /// <summary>Nothing until then. What was said before of a later time still holds.</summary>
    public QuotaState Empty(DateTimeOffset until) => until > EmptyUntil ? this with { EmptyUntil = until } : this;

    private QuotaBucket Current(Rate limit, DateTimeOffset now) =>
        Buckets.FirstOrDefault(bucket => bucket.Period == limit.Period) is { } bucket && now < bucket.Since + bucket.Period
            ? bucket
            : new QuotaBucket(limit.Period, now, 0);
}

/// <summary>What is taken of one limit.</summary>
/// <param name="Period">Its time.</param>
/// <param name="Since">When the first one was taken.</param>
/// <param name="Taken">How many.</param>
internal sealed record QuotaBucket(TimeSpan Period, DateTimeOffset Since, int Taken);

[JsonSerializable(typeof(QuotaState))]
internal sealed partial class QuotaJson : JsonSerializerContext;
