using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Relay.Mail;
using Relay.Sqlite;
using Relay.Status;

namespace Relay.Spool.Embedded;

/// <summary>Looks into an embedded spool, whether a relay has it open or not.</summary>
public sealed class EmbeddedStatusReader : IStatusReader
{
    private const int MaxIdleConnections = 8;
    private const int FormatWithHeads = 2;
    private const string Content = "SELECT c.octets, m.size, c.file, c.skip FROM message m JOIN content c ON c.message = m.seq WHERE m.id = ?";
    private const string ContentOfFormat1 = "SELECT c.octets, m.size, c.file, 0 FROM message m JOIN content c ON c.message = m.seq WHERE m.id = ?";
    private readonly DataFolder folder;
    private readonly ConcurrentBag<SqliteConnection> idle = [];

    /// <summary>False while it may be the spool of an older relay, which this one has not opened to write yet.</summary>
    private bool hasHeads;

    internal EmbeddedStatusReader(DataFolder folder) => this.folder = folder;

    /// <summary>Opens the spool of a data folder for reading.</summary>
    /// <exception cref="SpoolException">There is none, or it cannot be read.</exception>
    public static EmbeddedStatusReader Open(string dataFolder)
    {
        var reader = new EmbeddedStatusReader(DataFolder.Look(dataFolder));
        reader.Use(static _ => 0);
        return reader;
    }

    /// <inheritdoc/>
    public ValueTask<MessageStatus?> StatusAsync(MessageId id, CancellationToken cancel) =>
        new(Use(connection =>
        {
            using var message = new Statement(connection, $"{StatusRows.Message} WHERE id = ?");
            message.Bind(id.ToBytes());
            return message.Next() ? StatusRows.Read(connection, message, withEvents: true).Status : null;
        }));

    /// <inheritdoc/>
    public ValueTask<MessageId?> FindAsync(MessageId first, MessageId last, CancellationToken cancel) =>
        new(Use<MessageId?>(connection =>
        {
            using var message = new Statement(connection, "SELECT id FROM message WHERE id BETWEEN ? AND ? LIMIT 1");
            message.Bind(first.ToBytes(), last.ToBytes());
            return message.Next() ? MessageId.FromBytes(message.Blob(0)) : null;
        }));

    /// <inheritdoc/>
    public ValueTask<StatusPage> SearchAsync(StatusQuery query, CancellationToken cancel) =>
        new(Use(connection => StatusRows.Search(connection, query, cancel)));

    /// <inheritdoc/>
    public ValueTask<QueuePage> QueueAsync(QueueQuery query, CancellationToken cancel) =>
        new(Use(connection => QueueRows.Page(Current(connection), query, cancel)));

    /// <inheritdoc/>
    public ValueTask<QueueSummary> QueueSummaryAsync(CancellationToken cancel) =>
        new(Use(connection => QueueSummaryRows.Read(Current(connection), cancel)));

    /// <inheritdoc/>
    public ValueTask<Stream?> OpenContentAsync(MessageId id, CancellationToken cancel) =>
        new(Use<Stream?>(connection =>
        {
            hasHeads = hasHeads || SqliteFile.Version(connection) >= FormatWithHeads;
            using var content = new Statement(connection, hasHeads ? Content : ContentOfFormat1);
            content.Bind(id.ToBytes());
            if (!content.Next())
            {
                return null;
            }

            Stream stream = content.TextOrNull(2) is { } file
                ? Headed(OpenFile(id, file), (int)content.Int(3), content.Blob(0))
                : new MemoryStream(content.Blob(0).ToArray(), writable: false);
            var (length, size) = (stream.Length, content.Int(1));
            if (length == size)
            {
                return stream;
            }

            stream.Dispose();
            throw new SpoolException(SpoolFault.Corrupt, $"the content of {id} has {length} octets and should have {size}");
        }));

    /// <summary>The oldest messages that ended before a time.</summary>
    internal List<long> EndedBefore(DateTimeOffset time, int max) =>
        Use(connection =>
        {
            using var ended = new Statement(connection, "SELECT seq FROM message INDEXED BY message_ended WHERE ended_at < ? ORDER BY ended_at LIMIT ?");
            ended.Bind(time, max);
            var found = new List<long>();
            while (ended.Next())
            {
                found.Add(ended.Int(0));
            }

            return found;
        });

    /// <summary>The works that an operator may change, as they are now.</summary>
    internal List<FoundWork> WorksOf(MessageId? message, string? domain) =>
        Use(connection => QueueRows.WorksOf(connection, message, domain));

    /// <summary>True while a message has its content in this file, and for a file that is none of the spool's.</summary>
    internal bool KnowsContentFile(string name) =>
        !DataFolder.TryReadContentName(name, out var id) || Use(connection =>
        {
            using var content = new Statement(connection,
                "SELECT 1 FROM message m JOIN content c ON c.message = m.seq WHERE m.id = ? AND c.file = ?");
            content.Bind(id.ToBytes(), name);
            return content.Next();
        });

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        while (idle.TryTake(out var connection))
        {
            connection.Dispose();
        }

        return default;
    }

    /// <summary>The works of an older relay have no domains.</summary>
    private SqliteConnection Current(SqliteConnection connection) =>
        SqliteFile.Version(connection) >= Schema.Version
            ? connection
            : throw new SpoolException(SpoolFault.Unavailable,
                $"the spool in {folder.Path} was written by an older relay: start this one on it, which brings it up to date");

    private static Stream Headed(FileStream file, int skip, ReadOnlySpan<byte> head) =>
        skip == 0 && head.IsEmpty ? file : new HeadedStream(new ContentHead(skip, head.ToArray()), file);

    private FileStream OpenFile(MessageId id, string name)
    {
        try
        {
            return new FileStream(folder.ContentFile(name), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 64 * 1024, useAsync: true);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SpoolException(SpoolFault.Corrupt, $"the content file of {id} is gone", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SpoolException(SpoolFault.Unavailable, $"the content file of {id} cannot be read: {e.Message}", e);
        }
    }

    private T Use<T>(Func<SqliteConnection, T> read)
    {
        if (!idle.TryTake(out var connection))
        {
            connection = Schema.OpenReader(folder.Database);
        }

        try
        {
            return read(connection);
        }
        catch (JsonException e)
        {
            throw new SpoolException(SpoolFault.Corrupt, $"a row cannot be read: {e.Message}", e);
        }
        finally
        {
            if (idle.Count < MaxIdleConnections)
            {
                idle.Add(connection);
            }
            else
            {
                connection.Dispose();
            }
        }
    }
}
