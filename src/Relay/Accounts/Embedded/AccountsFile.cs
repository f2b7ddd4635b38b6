using Microsoft.Data.Sqlite;
using Relay.Sqlite;

namespace Relay.Accounts.Embedded;

/// <summary>
/// The file <c>accounts.db</c> of a data folder. Unlike the spool it is open in several processes at once: a command can
/// change it beside a running relay. Times are milliseconds since 1970.
/// </summary>
internal static class AccountsFile
{
    private const int Version = 1;

    /// <summary><c>revision</c> tells whoever keeps rows in memory that they have changed, in whichever process.</summary>
    private const string Tables = """
        CREATE TABLE account(
            key            TEXT    NOT NULL PRIMARY KEY,  -- the name in lower case
            name           TEXT    NOT NULL,
            salt           BLOB,                          -- null, as the next three: no password
            iterations     INTEGER,
            stored_key     BLOB,
            server_key     BLOB,
            token_subject  TEXT    UNIQUE COLLATE NOCASE,
            disabled       INTEGER NOT NULL,
            senders        TEXT    NOT NULL,              -- one a line
            networks       TEXT    NOT NULL,              -- one a line
            rate_count     INTEGER,
            rate_period    INTEGER,                       -- milliseconds
            created_at     INTEGER NOT NULL) WITHOUT ROWID;

        CREATE TABLE lock(
            kind           INTEGER NOT NULL,
            subject        TEXT    NOT NULL,
            failures       INTEGER NOT NULL,
            until          INTEGER NOT NULL,
            PRIMARY KEY(kind, subject)) WITHOUT ROWID;

        CREATE TABLE sign_in(
            id             INTEGER PRIMARY KEY,
            session        TEXT    NOT NULL,
            at             INTEGER NOT NULL,
            mechanism      TEXT    NOT NULL,
            account        TEXT,
            client_address TEXT,
            result         TEXT    NOT NULL,
            detail         TEXT);

        CREATE INDEX sign_in_session ON sign_in(session);

        CREATE TABLE revision(accounts INTEGER NOT NULL, locks INTEGER NOT NULL);
        INSERT INTO revision VALUES(0, 0);
        CREATE TRIGGER account_added   AFTER INSERT ON account BEGIN UPDATE revision SET accounts = accounts + 1; END;
        CREATE TRIGGER account_changed AFTER UPDATE ON account BEGIN UPDATE revision SET accounts = accounts + 1; END;
        CREATE TRIGGER account_removed AFTER DELETE ON account BEGIN UPDATE revision SET accounts = accounts + 1; END;
        CREATE TRIGGER lock_set        AFTER INSERT ON lock    BEGIN UPDATE revision SET locks = locks + 1; END;
        CREATE TRIGGER lock_changed    AFTER UPDATE ON lock    BEGIN UPDATE revision SET locks = locks + 1; END;
        CREATE TRIGGER lock_lifted     AFTER DELETE ON lock    BEGIN UPDATE revision SET locks = locks + 1; END;
        """;

    /// <summary>Where it is in a data folder.</summary>
    public static string In(string dataFolder) => Path.Combine(dataFolder, "accounts.db");

    /// <summary>Makes folder, file and tables where they are missing; gives the path of the file.</summary>
    /// <exception cref="Spool.SpoolException">It cannot be made or opened; the message says what to do.</exception>
    public static string Create(string dataFolder)
    {
        var file = In(dataFolder);
        SharedFile.Create(file, Version, Tables);
        return file;
    }

    /// <summary>Opens the file that <see cref="Create"/> made. A commit is on the disk when it returns, unless it need not be.</summary>
    public static SqliteConnection Connect(string file, bool isDurable = true) => SharedFile.Connect(file, isDurable);
}
