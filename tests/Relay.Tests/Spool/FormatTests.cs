using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Mail;
using Relay.Spool;
using Relay.Spool.Embedded;
using Relay.Status;

namespace Relay.Tests.Spool;

/// <summary>
/// A spool that an older relay wrote, before heads of contents (format 1) or before domains of works (format 2), goes on in this
/// one, with all its mail.
/// </summary>
public sealed class FormatTests : SpoolTests
{
    /// <summary>The tables as that relay made them.</summary>
    private const string Format1 = """
        PRAGMA page_size=8192;
        PRAGMA journal_mode=WAL;
        BEGIN IMMEDIATE;
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
            octets      BLOB,                         -- null: in a file
            file        TEXT);                        -- its name under content/
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
            detail      BLOB    NOT NULL);            -- JSON
        CREATE INDEX work_due ON work(queue, due_at);
        CREATE TABLE probe(id INTEGER PRIMARY KEY, at INTEGER NOT NULL);
        PRAGMA user_version=1;
        COMMIT;
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("relay-format-").FullName;
    private readonly MessageId small = MessageId.New(Start);
    private readonly MessageId large = MessageId.New(Start.AddSeconds(1));
    private readonly byte[] file = Octets(100_000);

    protected override ISpool Open() => EmbeddedSpool.Open(folder, Time, NullLogger<EmbeddedSpool>.Instance);

    public override ValueTask InitializeAsync()
    {
        var name = DataFolder.NewContentName(large);
        Directory.CreateDirectory(System.IO.Path.Combine(folder, "content"));
        File.WriteAllBytes(System.IO.Path.Combine(folder, "content", name), file);
        using var connection = Connect();
        Run(connection, Format1);
        Insert(connection, 1, small, "small".Length, ("octets", "small"u8.ToArray()));
        Insert(connection, 2, large, file.Length, ("file", name));
        return default;
    }

    public override async ValueTask DisposeAsync()
    {
        if (Spool is not null)
        {
            await base.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task All_its_mail_is_there_and_goes_its_way()
    {
        Spool = Open();

        Assert.Equal("small", await ContentAsync(small));
        Assert.Equal(file, await OctetsAsync(large));
        Assert.Equal(["accepted", "deferred"], (await Spool.StatusAsync(small, default))!.Events!.Select(e => e.Kind));
        var leases = await Spool.LeaseAsync(WorkQueue.Delivery, 10, default);
        Assert.Equal([small, large], leases.Select(lease => lease.Work.Message).OrderBy(id => id.ToString()));
        Assert.All(leases, lease => Assert.Equal(("r", 1, "client", false), (lease.Work.Detail.Route, lease.Work.Detail.Attempt, lease.Work.Origin.Helo, lease.Work.Origin.IsMember)));
        foreach (var lease in leases)
        {
            Assert.True(await Spool.CommitAsync(Final(lease)));
        }

        Assert.Equal(2, await Spool.SweepAsync(Start.AddDays(1), default));
        Assert.Empty(Directory.GetFiles(System.IO.Path.Combine(folder, "content")));
    }

    [Fact]
    public async Task Its_content_can_get_a_head()
    {
        Spool = Open();
        foreach (var lease in await Spool.LeaseAsync(WorkQueue.Delivery, 10, default))
        {
            await Spool.CommitAsync(new Transition
            {
                Follows = lease,
                At = Start,
                Head = new ContentHead(2, "head"u8.ToArray()),
                Next = [new NextWork(WorkQueue.Delivery, lease.Work.Detail, Start)],
            });
        }

        await Spool.DisposeAsync();
        Spool = Open();

        Assert.Equal("headall", await ContentAsync(small));
        Assert.Equal(Join("head"u8, file, 2), await OctetsAsync(large));
    }

    [Fact]
    public async Task It_can_be_looked_into_before_and_after_the_relay_has_brought_it_up_to_date()
    {
        await using var beside = EmbeddedStatusReader.Open(folder);
        Assert.Equal(file, await ReadAsync((await beside.OpenContentAsync(large, default))!));
        Assert.Equal(1L, Version());

        Spool = Open();
        var message = Message();
        await using (var content = await WriteAsync(message.Id, file))
        {
            content.ReplaceHead(0, "head"u8.ToArray());
            await Spool.AcceptAsync(message, content);
        }

        Assert.Equal((long)Schema.Version, Version());
        Assert.Equal(file, await ReadAsync((await beside.OpenContentAsync(large, default))!));
        Assert.Equal(Join("head"u8, file), await ReadAsync((await beside.OpenContentAsync(message.Id, default))!));
    }

    [Fact]
    public void It_stays_as_it_was_when_it_cannot_be_brought_up_to_date()
    {
        using var connection = Connect();
        Run(connection, "ALTER TABLE content RENAME TO hidden");

        Assert.Throws<SpoolException>(Open);

        Assert.Equal(1L, Version());
        Run(connection, "ALTER TABLE hidden RENAME TO content");
        Spool = Open();
        Assert.Equal((long)Schema.Version, Version());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Its_queue_can_be_shown_and_changed(int format)
    {
        if (format == 2)
        {
            using var connection = Connect();
            Run(connection, "ALTER TABLE content ADD COLUMN skip INTEGER NOT NULL DEFAULT 0; PRAGMA user_version=2;");
        }

        await using (var older = EmbeddedStatusReader.Open(folder))
        {
            var e = await Assert.ThrowsAsync<SpoolException>(async () => await older.QueueAsync(new QueueQuery(), default));
            Assert.Contains("older relay", e.Message);
            Assert.False((await older.StatusAsync(small, default))!.Recipients[0].IsHeld);
        }

        Spool = Open();
        var change = await Spool.ControlAsync(QueueAction.Hold, new QueueSelection { Domain = "EXAMPLE.net" }, default);

        Assert.Equal(new QueueChange(2, 2, 0), change);
        Assert.Equal(2, (await Spool.QueueAsync(new QueueQuery { State = QueueState.Held }, default)).Entries.Count);
        await AssertNoLeaseAsync(WorkQueue.Delivery);
        Assert.Equal(2, Assert.Single((await Spool.QueueSummaryAsync(default)).Destinations).Held);
    }

    private static void Insert(SqliteConnection connection, int seq, MessageId id, int size, (string Column, object Value) content)
    {
        Run(connection, """
            INSERT INTO message(seq, id, accepted_at, pending, size, sender, envelope, origin) VALUES($seq, $id, $at, 1, $size, 'app@example.com', $envelope, $origin);
            INSERT INTO recipient(message, n, address, state, attempts, updated_at) VALUES($seq, 0, 'a@example.net', 1, 1, $at);
            INSERT INTO event(message, n, at, kind, recipient, reason) VALUES($seq, 1, $at, 'deferred', 0, 'connect-failed');
            INSERT INTO work(id, queue, due_at, message, detail) VALUES($seq, 1, 0, $seq, $detail);
            """,
            ("$seq", seq), ("$id", id.ToBytes()), ("$at", Start.ToUnixTimeMilliseconds()), ("$size", size),
            ("$envelope", """{"ReversePath":"app@example.com","Recipients":["a@example.net"]}"""u8.ToArray()),
            ("$origin", """{"Protocol":"ESMTP","ClientAddress":"127.0.0.1","Helo":"client"}"""u8.ToArray()),
            ("$detail", """{"Route":"r","Attempt":1}"""u8.ToArray()));
        Run(connection, $"INSERT INTO content(message, {content.Column}) VALUES($seq, $value)", ("$seq", seq), ("$value", content.Value));
    }

    private static void Run(SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        command.ExecuteNonQuery();
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={System.IO.Path.Combine(folder, "spool.db")};Pooling=False");
        connection.Open();
        return connection;
    }

    private long Version()
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        return (long)command.ExecuteScalar()!;
    }
}
