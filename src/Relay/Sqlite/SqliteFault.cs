using Microsoft.Data.Sqlite;
using Relay.Spool;
using SQLitePCL;

namespace Relay.Sqlite;

/// <summary>What a result code of SQLite means for who asked.</summary>
internal static class SqliteFault
{
    public static SpoolException Exception(sqlite3 database, int code) =>
        new(FaultOf(code), $"SQLite {code}: {raw.sqlite3_errmsg(database).utf8_to_string()}");

    public static SpoolException Exception(SqliteException cause) =>
        new(FaultOf(cause.SqliteErrorCode), cause.Message, cause);

    private static SpoolFault FaultOf(int code) => (code & 0xff) switch
    {
        raw.SQLITE_FULL => SpoolFault.Full,
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => SpoolFault.Corrupt,
        _ => SpoolFault.Unavailable,
    };
}
