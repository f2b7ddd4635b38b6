using Azure;
using Azure.Data.Tables;
using Relay.Options;
using Relay.Spool.Azure;

namespace Relay.Addresses.Azure;

/// <summary>
/// From rows to records and back: in one partition <c>a|{address}</c> is an alias, <c>d|{name}</c> a domain, <c>s|{address}</c> an entry of the
/// suppression list, and <c>j|{time}|{any}</c> a line of the journal: what was put on the suppression list, or that something else has changed.
/// </summary>
internal static class AddressRows
{
    public const string Partition = "addresses";

    /// <summary>Where aliases begin.</summary>
    public const string Aliases = "a|";

    /// <summary>Where domains end, which come next.</summary>
    public const string EndOfDomains = "d}";

    /// <summary>Where the suppression list begins.</summary>
    public const string Suppressions = "s|";

    /// <summary>Where it ends.</summary>
    public const string EndOfSuppressions = "s}";

    /// <summary>Where the journal begins.</summary>
    public const string Journal = "j|";

    /// <summary>Where it ends.</summary>
    public const string EndOfJournal = "j}";

    private const string Domains = "d|";

    /// <summary>Long after every time that is asked for: a row with no such column matches no comparison.</summary>
    private static readonly DateTimeOffset Never = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static string DomainKey(string name) => Domains + StoreTable.Key(name);

    public static string AliasKey(string address) => Aliases + StoreTable.Key(address);

    public static string SuppressionKey(string address) => Suppressions + StoreTable.Key(address);

    /// <summary>Where lines of the journal stand that were written from then on.</summary>
    public static string JournalKey(DateTimeOffset from) => $"{Journal}{from.UtcTicks:d19}";

    /// <summary>A line of the journal.</summary>
    /// <param name="suppressed">Who was put on the suppression list; null where a domain or an alias has changed.</param>
    public static TableEntity JournalRow(DateTimeOffset now, string? suppressed) =>
        new(Partition, $"{JournalKey(now)}|{Guid.NewGuid():n}") { ["Suppressed"] = suppressed };

    /// <summary>Whom a line of the journal has put on the suppression list.</summary>
    public static string? SuppressedBy(TableEntity line) => line.GetString("Suppressed");

    public static TableTransactionAction Removed(string key) =>
        new(TableTransactionActionType.Delete, new TableEntity(Partition, key), ETag.All);

    public static TableEntity Row(DomainOptions domain) => new(Partition, DomainKey(domain.Name))
    {
        ["Name"] = domain.Name,
        ["Recipients"] = Text(domain.Recipients),
    };

    public static TableEntity Row(Alias alias) => new(Partition, AliasKey(alias.Address))
    {
        ["Address"] = alias.Address,
        ["Targets"] = Text(alias.Targets),
    };

    public static TableEntity Row(Suppression entry) => new(Partition, SuppressionKey(entry.Address))
    {
        ["Address"] = entry.Address,
        ["Reason"] = entry.Reason,
        ["AddedAt"] = entry.AddedAt,
        ["ExpiresAt"] = entry.ExpiresAt ?? Never,
    };

    public static Suppression Suppression(TableEntity row) => new(
        row.GetString("Address"), row.GetString("Reason"), row.GetDateTimeOffset("AddedAt")!.Value,
        row.GetDateTimeOffset("ExpiresAt") is { } until && until != Never ? until : null);

    public static string HoldsAt(DateTimeOffset now) => TableClient.CreateQueryFilter($"ExpiresAt gt {now}");

    public static string ExpiredAt(DateTimeOffset now) => TableClient.CreateQueryFilter($"ExpiresAt le {now}");

    public static AddressSnapshot Snapshot(IEnumerable<TableEntity> rows)
    {
        var domains = new List<DomainOptions>();
        var aliases = new Dictionary<string, Alias>(StringComparer.OrdinalIgnoreCase);
        foreach (var row in rows)
        {
            if (row.RowKey.StartsWith(Domains, StringComparison.Ordinal))
            {
                domains.Add(new DomainOptions { Name = row.GetString("Name"), Recipients = Lines(row.GetString("Recipients")) });
            }
            else if (row.GetString("Address") is { } address)
            {
                aliases[address] = new Alias(address, Lines(row.GetString("Targets")));
            }
        }

        return new AddressSnapshot(domains, aliases);
    }

    /// <summary>One a line.</summary>
    private static string Text(IEnumerable<string> lines) => string.Join('\n', lines);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
