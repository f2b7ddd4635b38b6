using SQLitePCL;

namespace Relay.Sqlite;

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
