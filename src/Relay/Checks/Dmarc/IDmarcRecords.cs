using System.Text.Json;
using Relay.Sqlite;

namespace Relay.Checks.Dmarc;

/// <summary>
/// What is kept for aggregate reports of DMARC (RFC 9989 §5.3.7): how many messages of each kind there were, by day in UTC and
/// by the domain whose policy holds.
/// </summary>
public interface IDmarcRecords
{
    /// <summary>Counts a message, once it is known what was done with it. Never waits and never fails: under a flood the newest are dropped and counted.</summary>
    void Add(DmarcRecord record);

    /// <summary>The domains that have records of a day, in their order.</summary>
    /// <exception cref="Spool.SpoolException">They cannot be read now.</exception>
    Task<IReadOnlyList<string>> PolicyDomainsAsync(DateOnly day, CancellationToken cancel);

    /// <summary>The records of a day for one domain, most messages first.</summary>
    /// <exception cref="Spool.SpoolException">They cannot be read now.</exception>
    Task<IReadOnlyList<DmarcCount>> ReadAsync(DateOnly day, string policyDomain, CancellationToken cancel);
}

/// <summary>Messages of one kind.</summary>
/// <param name="Record">What they have in common; its time is the beginning of the day.</param>
/// <param name="Count">How many there were.</param>
public sealed record DmarcCount(DmarcRecord Record, long Count)
{
    /// <summary>What is counted of a record.</summary>
    internal static DailyFact FactOf(DmarcRecord record) => new(record.At, record.PolicyDomain, JsonSerializer.Serialize(record, DmarcJson.Default.DmarcRecord));

    /// <summary>What was counted of a day.</summary>
    internal static DmarcCount Read(DateOnly day, string domain, byte[] facts, long count) => new(
        JsonSerializer.Deserialize(facts, DmarcJson.Default.DmarcRecord)! with
        {
            At = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero),
            PolicyDomain = domain,
        },
        count);
}
