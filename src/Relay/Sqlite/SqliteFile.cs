using Microsoft.Data.Sqlite;

namespace Relay.Sqlite;

/// <summary>A database file. What goes wrong with it is a <see cref="Spool.SpoolException"/>.</summary>
internal static class SqliteFile
{
    public static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();
            return connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw SqliteFault.Exception(e);
        }
    }

    /// <summary>Runs statements that give no rows.</summary>
    public static void Execute(SqliteConnection connection, string sql)
    {
        try
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
        catch (SqliteException e)
        {
            throw SqliteFault.Exception(e);
        }
    }

    /// <summary>Gives up the transaction, after whatever failed.</summary>
    public static void Rollback(SqliteConnection connection)
    {
        try
        {
            Execute(connection, "ROLLBACK");
        }
        catch (Spool.SpoolException)
        {
            // There was no transaction, or SQLite has ended it itself.
        }
    }

    /// <summary>The version of the tables; 0 where there are none yet.</summary>
    public static long Version(SqliteConnection connection)
    {
        using var statement = new Statement(connection, "PRAGMA user_version");
        return statement.Next() ? statement.Int(0) : 0;
    }
}
