using Relay.Sqlite;

namespace Relay.Checks.Dmarc.Embedded;

/// <summary>The file <c>dmarc.db</c> of a data folder.</summary>
internal static class DmarcFile
{
    private const int Version = 1;

    /// <summary>What a report tells is one text, so that the key is the whole of it: messages that are alike meet in one row.</summary>
    private const string Tables = """
        CREATE TABLE record(
            day            TEXT    NOT NULL,  -- in UTC, such as 2026-01-31
            policy_domain  TEXT    NOT NULL,
            facts          TEXT    NOT NULL,  -- JSON
            count          INTEGER NOT NULL,
            PRIMARY KEY(day, policy_domain, facts)) WITHOUT ROWID;
        """;

    /// <summary>Makes folder, file and tables where they are missing; gives the path of the file.</summary>
    public static string Create(string dataFolder)
    {
        var file = Path.Combine(dataFolder, "dmarc.db");
        SharedFile.Create(file, Version, Tables);
        return file;
    }

    /// <summary>A day as the rows have it: the order of the texts is that of the days.</summary>
    public static string Day(DateOnly day) => $"{day:yyyy-MM-dd}";
}
