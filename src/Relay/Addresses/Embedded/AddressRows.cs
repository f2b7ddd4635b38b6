using Microsoft.Data.Sqlite;
using Relay.Options;
using Relay.Sqlite;

namespace Relay.Addresses.Embedded;

/// <summary>From rows to records.</summary>
internal static class AddressRows
{
    /// <summary>All domains and aliases.</summary>
    public static AddressSnapshot Snapshot(SqliteConnection connection)
    {
        using var domains = new Statement(connection, "SELECT name, recipients FROM domain ORDER BY name");
        var names = new List<DomainOptions>();
        while (domains.Next())
        {
            names.Add(new DomainOptions { Name = domains.Text(0), Recipients = Lines(domains.Text(1)) });
        }

        using var rows = new Statement(connection, "SELECT address, targets FROM alias");
        var aliases = new Dictionary<string, Alias>(StringComparer.OrdinalIgnoreCase);
        while (rows.Next())
        {
            aliases[rows.Text(0)] = new Alias(rows.Text(0), Lines(rows.Text(1)));
        }

        return new AddressSnapshot(names, aliases);
    }

    /// <summary>What holds <paramref name="now"/> of the suppression list, in order, from behind <paramref name="after"/> on.</summary>
    public static List<Suppression> Suppressions(SqliteConnection connection, string after, int limit, DateTimeOffset now)
    {
        using var rows = new Statement(connection, """
            SELECT address, reason, added_at, expires_at FROM suppression
            WHERE address > ?1 AND (expires_at IS NULL OR expires_at > ?2) ORDER BY address LIMIT ?3
            """);
        rows.Bind(after, now, limit);
        var suppressions = new List<Suppression>();
        while (rows.Next())
        {
            suppressions.Add(Suppression(rows));
        }

        return suppressions;
    }

    /// <summary>The entry at a row of <c>address, reason, added_at, expires_at</c>.</summary>
    public static Suppression Suppression(Statement row) =>
        new(row.Text(0), row.Text(1), Time(row, 2), row.IsNull(3) ? null : Time(row, 3));

    /// <summary>One a line.</summary>
    public static string Text(IEnumerable<string> lines) => string.Join('\n', lines);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static DateTimeOffset Time(Statement row, int column) => DateTimeOffset.FromUnixTimeMilliseconds(row.Int(column));
}
