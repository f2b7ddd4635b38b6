using System.Text.Json;
using Relay.Sqlite;

namespace Relay.Transport.TlsReports;

/// <summary>
/// What is kept for reports on TLS (RFC 8460): how the sessions with the mail hosts of each domain went, by day in UTC and by the
/// recipients' domain.
/// </summary>
public interface ITlsRecords
{
    /// <summary>Counts a session. Never waits and never fails: under a flood the newest are dropped and counted.</summary>
    void Add(TlsRecord record);

    /// <summary>The domains that have records of a day, in their order.</summary>
    /// <exception cref="Spool.SpoolException">They cannot be read now.</exception>
    Task<IReadOnlyList<string>> DomainsAsync(DateOnly day, CancellationToken cancel);

    /// <summary>The records of a day for one domain, most sessions first.</summary>
    /// <exception cref="Spool.SpoolException">They cannot be read now.</exception>
    Task<IReadOnlyList<TlsCount>> ReadAsync(DateOnly day, string domain, CancellationToken cancel);
}

/// <summary>Sessions of one kind.</summary>
/// <param name="Record">What they have in common; its time is the beginning of the day.</param>
/// <param name="Count">How many there were.</param>
public sealed record TlsCount(TlsRecord Record, long Count)
{
    /// <summary>What is counted of a record.</summary>
    internal static DailyFact FactOf(TlsRecord record) => new(record.At, record.Domain, JsonSerializer.Serialize(record, TlsRecordJson.Default.TlsRecord));

    /// <summary>What was counted of a day.</summary>
    internal static TlsCount Read(DateOnly day, string domain, byte[] facts, long count) => new(
        JsonSerializer.Deserialize(facts, TlsRecordJson.Default.TlsRecord)! with
        {
            At = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero),
            Domain = domain,
        },
        count);
}
