using Microsoft.Data.Sqlite;
using Relay.Sqlite;

namespace Relay.Spool.Embedded;

/// <summary>
/// The tables. A message is known inside the file by <c>seq</c>, a plain integer, so that rows stay small. Times are
/// milliseconds since 1970. Set-aside work lies in the negative queue <c>-1 - queue</c>, and held work in <c>16 + queue</c>: no lease looks
/// there.
/// </summary>
internal static class Schema
{
    /// <summary>The format that this relay writes.</summary>
    public const int Version = 3;

    /// <summary>What the number of a queue becomes while its work is held.</summary>
    public const int Held = 16;

    private const string Tables = """
        CREATE TABLE message(
            seq         INTEGER PRIMARY KEY,
            id          BLOB    NOT NULL UNIQUE,
            accepted_at INTEGER NOT NULL,
            ended_at    INTEGER,                      -- when the last work ended
            pending     INTEGER NOT NULL,             -- works left to do
            keep        INTEGER NOT NULL DEFAULT 0,   -- the content stays after the last work
            size        INTEGER NOT NULL,
            sender      TEXT    NOT NULL,
            envelope    BLOB    NOT NULL,             -- JSON
            origin      BLOB    NOT NULL);            -- JSON

        CREATE TABLE content(
            message     INTEGER PRIMARY KEY,
            octets      BLOB,                         -- all of it; with a file only what stands before the file's octets
            file        TEXT,                         -- its name under content/
            skip        INTEGER NOT NULL DEFAULT 0);  -- octets of the file that octets stands in place of

        CREATE TABLE recipient(
            message     INTEGER NOT NULL,
            n           INTEGER NOT NULL,
            address     TEXT    NOT NULL,
            state       INTEGER NOT NULL,
            attempts    INTEGER NOT NULL,
            updated_at  INTEGER NOT NULL,
            next_at     INTEGER,
            reason      TEXT,
            route       TEXT,
            remote_host TEXT,
            reply       TEXT,
            PRIMARY KEY(message, n)) WITHOUT ROWID;

        CREATE TABLE event(
            message     INTEGER NOT NULL,
            n           INTEGER NOT NULL,
            at          INTEGER NOT NULL,
            kind        TEXT    NOT NULL,
            recipient   INTEGER,
            reason      TEXT,
            route       TEXT,
            remote_host TEXT,
            detail      TEXT,
            PRIMARY KEY(message, n)) WITHOUT ROWID;

        CREATE TABLE work(
            id          INTEGER PRIMARY KEY,
            queue       INTEGER NOT NULL,
            due_at      INTEGER NOT NULL,
            message     INTEGER NOT NULL,
            detail      BLOB    NOT NULL,             -- JSON
            domain      TEXT,                         -- of all its recipients, once it waits or is held; null: look at them
            route       TEXT);                        -- together with the domain, for the summary

        CREATE INDEX work_due ON work(queue, due_at);
        CREATE INDEX work_message ON work(message);
        CREATE INDEX work_domain ON work(domain, queue, due_at, message, route);
        CREATE INDEX message_ended ON message(ended_at) WHERE ended_at IS NOT NULL;

        CREATE TABLE probe(id INTEGER PRIMARY KEY, at INTEGER NOT NULL);
        """;

    /// <summary>Format 1 knew no head of a content.</summary>
    private const string FromFormat1 = "ALTER TABLE content ADD COLUMN skip INTEGER NOT NULL DEFAULT 0;";

    /// <summary>Format 2 knew no domains of works: those that it holds get theirs at their next attempt.</summary>
    private const string FromFormat2 = """
        ALTER TABLE work ADD COLUMN domain TEXT;
        ALTER TABLE work ADD COLUMN route TEXT;
        CREATE INDEX work_message ON work(message);
        CREATE INDEX work_domain ON work(domain, queue, due_at, message, route);
        CREATE INDEX message_ended ON message(ended_at) WHERE ended_at IS NOT NULL;
        """;

    /// <summary>Opens the database for the one writer; makes the tables when it is new, and brings those of an older relay up to date.</summary>
    public static SqliteConnection OpenWriter(string path)
    {
        var connection = SqliteFile.Open(path, SqliteOpenMode.ReadWriteCreate);
        try
        {
            // FULL: a commit is on the disk when it returns. The WAL is folded back every 32 MiB, not every 4.
            SqliteFile.Execute(connection, """
                PRAGMA page_size=8192;
                PRAGMA journal_mode=WAL;
                PRAGMA synchronous=FULL;
                PRAGMA wal_autocheckpoint=4096;
                PRAGMA journal_size_limit=67108864;
                PRAGMA cache_size=-65536;
                """);
            switch (SqliteFile.Version(connection))
            {
                case 0:
                    SqliteFile.Execute(connection, $"BEGIN IMMEDIATE; {Tables} PRAGMA user_version={Version}; COMMIT;");
                    break;
                case 1:
                    SqliteFile.Execute(connection, $"BEGIN IMMEDIATE; {FromFormat1} {FromFormat2} PRAGMA user_version={Version}; COMMIT;");
                    break;
                case 2:
                    SqliteFile.Execute(connection, $"BEGIN IMMEDIATE; {FromFormat2} PRAGMA user_version={Version}; COMMIT;");
                    break;
                case Version:
                    break;
                case var other:
                    throw new SpoolException(SpoolFault.Corrupt,
                        $"{path} has format {other}, and this relay reads formats up to {Version}: use the version of Relay that wrote it, or another data folder");
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens the database for reading, beside the writer or without one.</summary>
    public static SqliteConnection OpenReader(string path) => SqliteFile.Open(path, SqliteOpenMode.ReadOnly);
}
