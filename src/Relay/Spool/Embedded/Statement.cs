using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Relay.Spool.Embedded;

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

/// <summary>A value for a parameter: null, an integer, text or octets.</summary>
internal readonly struct SqliteValue
{
    private readonly Kind kind;
    private readonly long number;
    private readonly string? text;
    private readonly ReadOnlyMemory<byte> blob;

    private SqliteValue(Kind kind, long number = 0, string? text = null, ReadOnlyMemory<byte> blob = default)
    {
        this.kind = kind;
        this.number = number;
        this.text = text;
        this.blob = blob;
    }

    private enum Kind
    {
        Null,
        Number,
        Text,
        Blob,
    }

    public static SqliteValue Null => default;

    public static implicit operator SqliteValue(long value) => new(Kind.Number, value);

    public static implicit operator SqliteValue(string? value) => value is null ? default : new(Kind.Text, text: value);

    public static implicit operator SqliteValue(byte[] value) => new(Kind.Blob, blob: value);

    public static implicit operator SqliteValue(ReadOnlyMemory<byte> value) => new(Kind.Blob, blob: value);

    /// <summary>Times are kept as milliseconds since 1970.</summary>
    public static implicit operator SqliteValue(DateTimeOffset value) => new(Kind.Number, value.ToUnixTimeMilliseconds());

    public static implicit operator SqliteValue(DateTimeOffset? value) => value is { } time ? time : default(SqliteValue);

    public int BindTo(sqlite3_stmt statement, int index) => kind switch
    {
        Kind.Number => raw.sqlite3_bind_int64(statement, index, number),
        Kind.Text => raw.sqlite3_bind_text(statement, index, text!),
        Kind.Blob => raw.sqlite3_bind_blob(statement, index, blob.Span),
        _ => raw.sqlite3_bind_null(statement, index),
    };
}

/// <summary>What a result code of SQLite means for the spool.</summary>
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
