using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Relay.Sqlite;

/// <summary>
/// One prepared SQLite statement, bound and stepped without the boxing and copying of ADO.NET: it runs several times for
/// every message. Not for use by two threads at once.
/// </summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 database;
    private readonly sqlite3_stmt statement;

    public Statement(SqliteConnection connection, string sql)
    {
        database = connection.Handle!;
        Check(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out statement));
    }

    /// <summary>Binds the parameters of a statement that returns no rows and runs it.</summary>
    /// <returns>The number of rows changed.</returns>
    public int Run(params ReadOnlySpan<SqliteValue> parameters)
    {
        Bind(parameters);
        try
        {
            Next();
            return raw.sqlite3_changes(database);
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>Binds the parameters, to be followed by <see cref="Next"/>, and at last <see cref="Reset"/>.</summary>
    public void Bind(params ReadOnlySpan<SqliteValue> parameters)
    {
        for (var i = 0; i < parameters.Length; i++)
        {
            Check(parameters[i].BindTo(statement, i + 1));
        }
    }

    /// <summary>Steps to the next row; false at the end.</summary>
    public bool Next()
    {
        var code = raw.sqlite3_step(statement);
        if (code is raw.SQLITE_ROW or raw.SQLITE_DONE)
        {
            return code == raw.SQLITE_ROW;
        }

        throw SqliteFault.Exception(database, code);
    }

    /// <summary>Frees the rows, so that a reader holds back no checkpoint.</summary>
    public void Reset() => raw.sqlite3_reset(statement);

    public long Int(int column) => raw.sqlite3_column_int64(statement, column);

    public string Text(int column) => Encoding.UTF8.GetString(raw.sqlite3_column_blob(statement, column));

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    /// <summary>Valid until the next step.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(statement, column);

    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public void Dispose() => statement.Dispose();

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            throw SqliteFault.Exception(database, code);
        }
    }
}
