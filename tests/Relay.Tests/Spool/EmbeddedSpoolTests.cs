using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Mail;
using Relay.Spool;
using Relay.Spool.Embedded;
using Relay.Status;

namespace Relay.Tests.Spool;

public sealed class EmbeddedSpoolTests : SpoolContract
{
    private readonly string folder = Directory.CreateTempSubdirectory("relay-spool-").FullName;

    protected override ISpool Open() => EmbeddedSpool.Open(folder, Time, NullLogger<EmbeddedSpool>.Instance);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_second_process_on_the_same_folder_is_told_so()
    {
        var e = Assert.Throws<SpoolException>(Open);

        Assert.Equal(SpoolFault.InUse, e.Fault);
        Assert.Contains(folder, e.Message);
        await AcceptAsync("the first goes on");
    }

    [Fact]
    public async Task A_lock_that_cannot_be_opened_is_not_another_relay()
    {
        var other = System.IO.Path.Combine(folder, "other");
        Directory.CreateDirectory(other);
        File.CreateSymbolicLink(System.IO.Path.Combine(other, "lock"), "lock");

        var e = Assert.Throws<SpoolException>(() => EmbeddedSpool.Open(other, Time, NullLogger<EmbeddedSpool>.Instance));

        Assert.Equal(SpoolFault.Unavailable, e.Fault);
        Assert.Contains(other, e.Message);
        await AcceptAsync("the first goes on");
    }

    [Fact]
    public async Task All_is_there_after_opening_again_and_leases_are_free()
    {
        var small = await AcceptAsync("small");
        var large = await AcceptAsync(new string('x', 100_000));
        Assert.Equal(2, (await Spool.LeaseAsync(WorkQueue.Accepted, 10, default)).Count);

        await ReopenAsync();

        Assert.Equal("small", await ContentAsync(small));
        Assert.Equal(100_000, (await ContentAsync(large)).Length);
        Assert.Equal(2, (await Spool.LeaseAsync(WorkQueue.Accepted, 10, default)).Count);
    }

    [Fact]
    public async Task Events_written_after_opening_again_follow_the_older_ones()
    {
        var first = await AcceptAsync("x");
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default));
        await Spool.CommitAsync(Deferred(lease, Start));
        await AcceptAsync("y");

        await ReopenAsync();
        lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Delivery, 1, default));
        await Spool.CommitAsync(Final(lease));

        Assert.Equal(["accepted", "deferred", "delivered"], (await Spool.StatusAsync(first, default))!.Events!.Select(e => e.Kind));
    }

    [Fact]
    public async Task Content_left_by_a_crash_between_file_and_row_is_swept()
    {
        var orphan = System.IO.Path.Combine(folder, "content", DataFolder.NewContentName(MessageId.New(Start)));
        await File.WriteAllTextAsync(orphan, "orphan");
        var kept = await AcceptAsync(new string('x', 100_000));
        var message = Message();
        await using var receiving = Spool.CreateContent(message.Id);
        receiving.Write(new byte[100_000]);
        await receiving.FlushAsync(default);

        await Spool.SweepAsync(Start, default);

        Assert.False(File.Exists(orphan));
        Assert.Equal(100_000, (await ContentAsync(kept)).Length);
        await Spool.AcceptAsync(message, receiving);
        Assert.Equal(100_000, (await ContentAsync(message.Id)).Length);
    }

    [Fact]
    public async Task Content_that_cannot_be_removed_does_not_stop_the_writer()
    {
        await AcceptAsync(new string('x', 100_000));
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default));
        Directory.Delete(System.IO.Path.Combine(folder, "content"), recursive: true);

        Assert.True(await Spool.CommitAsync(Final(lease)));

        await AcceptAsync("the next one");
    }

    [Fact]
    public async Task A_full_disk_refuses_new_mail_and_takes_it_again_when_there_is_room()
    {
        await LimitPagesAsync(60);
        SpoolException? full = null;
        while (full is null)
        {
            try
            {
                await AcceptAsync(new string('x', 50_000));
            }
            catch (SpoolException e)
            {
                full = e;
            }
        }

        Assert.Equal(SpoolFault.Full, full.Fault);
        var accepted = (await Spool.SearchAsync(new StatusQuery { Limit = 1000 }, default)).Messages.Count;
        Assert.Equal(accepted, (await Spool.LeaseAsync(WorkQueue.Accepted, 1000, default)).Count);

        await LimitPagesAsync(100_000);
        await AcceptAsync(new string('x', 50_000));
    }

    [Fact]
    public async Task One_bad_job_does_not_fail_those_committed_with_it()
    {
        var accepting = Enumerable.Range(0, 50).Select(_ => AcceptAsync("x")).ToList();
        var broken = ((EmbeddedSpool)Spool).RunForTestAsync(_ => throw new InvalidOperationException("bad job"));
        accepting.AddRange(Enumerable.Range(0, 50).Select(_ => AcceptAsync("y")));

        await Assert.ThrowsAsync<SpoolException>(() => broken);
        await Task.WhenAll(accepting);

        Assert.Equal(100, (await Spool.LeaseAsync(WorkQueue.Accepted, 500, default)).Count);
    }

    [Theory]
    [InlineData("UPDATE message SET envelope = X'7B' WHERE seq = 1")]
    [InlineData("UPDATE message SET envelope = CAST('{\"ReversePath\":\"a@b\",\"Recipients\":[\"no address\"]}' AS BLOB) WHERE seq = 1")]
    [InlineData("UPDATE message SET envelope = CAST('{\"ReversePath\":\"a@b\",\"Recipients\":[]}' AS BLOB) WHERE seq = 1")]
    [InlineData("UPDATE message SET envelope = CAST('null' AS BLOB) WHERE seq = 1")]
    [InlineData("UPDATE message SET envelope = CAST('{\"ReversePath\":\"a@b\",\"Recipients\":null}' AS BLOB) WHERE seq = 1")]
    [InlineData("UPDATE message SET id = X'00' WHERE seq = 1")]
    [InlineData("UPDATE work SET detail = X'FF' WHERE message = 1")]
    [InlineData("UPDATE work SET detail = CAST('{\"Recipients\":[7]}' AS BLOB) WHERE message = 1")]
    [InlineData("DELETE FROM message WHERE seq = 1")]
    public async Task A_corrupt_row_is_set_aside_and_the_rest_goes_on(string damage)
    {
        await AcceptAsync("damaged");
        var good = await AcceptAsync("good");
        await DamageAsync(damage);

        var leases = await Spool.LeaseAsync(WorkQueue.Accepted, 10, default);

        Assert.Equal(good, Assert.Single(leases).Work.Message);
        await ReopenAsync();
        Assert.Equal(good, Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default)).Work.Message);
    }

    [Fact]
    public async Task Work_that_cannot_be_read_for_now_is_not_set_aside()
    {
        await AcceptAsync("x");
        ChangeBeside("ALTER TABLE message RENAME TO hidden");

        var e = await Assert.ThrowsAsync<SpoolException>(async () => await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));

        Assert.Equal(SpoolFault.Unavailable, e.Fault);
        ChangeBeside("ALTER TABLE hidden RENAME TO message");
        Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));
    }

    [Fact]
    public async Task Work_that_cannot_be_set_aside_for_now_holds_back_no_other()
    {
        await AcceptAsync("damaged");
        var good = await AcceptAsync("good");
        await DamageAsync("UPDATE work SET detail = X'FF' WHERE message = 1");
        ChangeBeside("ALTER TABLE event RENAME TO hidden");

        Assert.Equal(good, Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default)).Work.Message);
        await Assert.ThrowsAsync<SpoolException>(async () => await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));

        ChangeBeside("ALTER TABLE hidden RENAME TO event");
        var later = await AcceptAsync("later");
        Assert.Equal(later, Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default)).Work.Message);
    }

    [Fact]
    public async Task A_damaged_id_does_not_hold_back_the_sweep()
    {
        await AcceptAsync("damaged");
        await AcceptAsync("ended");
        foreach (var lease in await Spool.LeaseAsync(WorkQueue.Accepted, 10, default))
        {
            await Spool.CommitAsync(Final(lease));
        }

        await DamageAsync("UPDATE message SET id = X'00' WHERE seq = 1");

        Assert.Equal(2, await Spool.SweepAsync(Start.AddDays(1), default));
    }

    [Fact]
    public async Task Content_that_is_shorter_than_it_was_is_never_read_as_if_whole()
    {
        var small = await AcceptAsync("small");
        var large = await AcceptAsync(new string('x', 100_000));
        await DamageAsync("UPDATE content SET octets = X'00' WHERE message = 1");
        await File.WriteAllTextAsync(Directory.GetFiles(System.IO.Path.Combine(folder, "content"), $"{large}*").Single(), "cut");

        foreach (var id in new[] { small, large })
        {
            var e = await Assert.ThrowsAsync<SpoolException>(async () => await Spool.OpenContentAsync(id, default));
            Assert.Equal(SpoolFault.Corrupt, e.Fault);
        }
    }

    [Fact]
    public async Task The_spool_of_a_newer_relay_is_not_touched()
    {
        await DamageAsync("PRAGMA user_version=99");
        await Spool.DisposeAsync();

        var e = Assert.Throws<SpoolException>(Open);

        Assert.Contains("format 99", e.Message);
        await DamageAsync($"PRAGMA user_version={Schema.Version}", reopen: false);
        Spool = Open();
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_a_clear_error()
    {
        await Spool.DisposeAsync();
        var saved = System.IO.Path.Combine(folder, "spool.db");
        await File.WriteAllTextAsync(saved, new string('?', 10_000));

        Assert.Equal(SpoolFault.Corrupt, Assert.Throws<SpoolException>(Open).Fault);
        File.Delete(saved);
        Spool = Open();
    }

    [Fact]
    public async Task A_closed_spool_takes_nothing()
    {
        await Spool.DisposeAsync();

        await Assert.ThrowsAsync<SpoolException>(() => AcceptAsync("x"));
        Spool = Open();
    }

    [Fact]
    public async Task The_status_can_be_read_beside_the_relay_and_after_it()
    {
        var id = await AcceptAsync("x");
        await using (var beside = EmbeddedStatusReader.Open(folder))
        {
            Assert.Equal(id.ToString(), (await beside.StatusAsync(id, default))!.Id);
            var later = await AcceptAsync("y");
            Assert.NotNull(await beside.StatusAsync(later, default));
        }

        await Spool.DisposeAsync();
        await using (var after = EmbeddedStatusReader.Open(folder))
        {
            Assert.Equal(RecipientState.Queued, (await after.StatusAsync(id, default))!.Recipients[0].State);
        }

        Spool = Open();
    }

    [Fact]
    public void Looking_where_no_spool_is_says_so()
    {
        var e = Assert.Throws<SpoolException>(() => EmbeddedStatusReader.Open(System.IO.Path.Combine(folder, "nowhere")));

        Assert.Contains("--data", e.Message);
    }

    private async Task ReopenAsync()
    {
        await Spool.DisposeAsync();
        Spool = Open();
    }

    private Task LimitPagesAsync(int pages) =>
        ((EmbeddedSpool)Spool).RunForTestAsync(writes => writes.LimitPages(pages));

    private void ChangeBeside(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={System.IO.Path.Combine(folder, "spool.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private async Task DamageAsync(string sql, bool reopen = true)
    {
        await Spool.DisposeAsync();
        ChangeBeside(sql);

        if (reopen && !sql.StartsWith("PRAGMA", StringComparison.Ordinal))
        {
            Spool = Open();
        }
    }
}
