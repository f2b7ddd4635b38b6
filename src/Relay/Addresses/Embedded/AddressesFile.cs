using Microsoft.Data.Sqlite;
using Relay.Sqlite;

namespace Relay.Addresses.Embedded;

/// <summary>
/// The file <c>addresses.db</c> of a data folder. As that of the accounts it is open in several processes at once. All
/// addresses and domains are canonical; times are milliseconds since 1970.
/// </summary>
internal static class AddressesFile
{
    private const int Version = 1;

    /// <summary>
    /// <c>revision</c> tells whoever keeps domains and aliases in memory that they have changed, in whichever process. The
    /// suppression list has none: it may be large, and is looked up where it is.
    /// </summary>
    private const string Tables = """
        CREATE TABLE domain(
            name       TEXT    NOT NULL PRIMARY KEY,
            recipients TEXT    NOT NULL) WITHOUT ROWID;  -- one a line

        CREATE TABLE alias(
            address    TEXT    NOT NULL PRIMARY KEY,
            targets    TEXT    NOT NULL) WITHOUT ROWID;  -- one a line

        CREATE TABLE suppression(
            address    TEXT    NOT NULL PRIMARY KEY,
            reason     TEXT    NOT NULL,
            added_at   INTEGER NOT NULL,
            expires_at INTEGER) WITHOUT ROWID;

        CREATE INDEX suppression_expiry ON suppression(expires_at) WHERE expires_at IS NOT NULL;

        CREATE TABLE revision(addresses INTEGER NOT NULL);
        INSERT INTO revision VALUES(0);
        CREATE TRIGGER domain_added   AFTER INSERT ON domain BEGIN UPDATE revision SET addresses = addresses + 1; END;
        CREATE TRIGGER domain_changed AFTER UPDATE ON domain BEGIN UPDATE revision SET addresses = addresses + 1; END;
        CREATE TRIGGER domain_removed AFTER DELETE ON domain BEGIN UPDATE revision SET addresses = addresses + 1; END;
        CREATE TRIGGER alias_added    AFTER INSERT ON alias  BEGIN UPDATE revision SET addresses = addresses + 1; END;
        CREATE TRIGGER alias_changed  AFTER UPDATE ON alias  BEGIN UPDATE revision SET addresses = addresses + 1; END;
        CREATE TRIGGER alias_removed  AFTER DELETE ON alias  BEGIN UPDATE revision SET addresses = addresses + 1; END;
        """;

    /// <summary>Where it is in a data folder.</summary>
    public static string In(string dataFolder) => Path.Combine(dataFolder, "addresses.db");

    /// <summary>Makes folder, file and tables where they are missing; gives the path of the file.</summary>
    /// <exception cref="Spool.SpoolException">It cannot be made or opened; the message says what to do.</exception>
    public static string Create(string dataFolder)
    {
        var file = In(dataFolder);
        SharedFile.Create(file, Version, Tables);
        return file;
    }

    /// <summary>Opens the file that <see cref="Create"/> made.</summary>
    public static SqliteConnection Connect(string file) => SharedFile.Connect(file);
}
