using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Checks;
using Relay.Mail;
using Relay.Spool;
using Relay.Spool.Embedded;
using Relay.Status;

namespace Relay.Tests.Spool;

public sealed class EmbeddedCheckedMailTests : CheckedMailContract
{
    private readonly string folder = Directory.CreateTempSubdirectory("relay-checked-").FullName;

    protected override ISpool Open() => EmbeddedSpool.Open(folder, Time, NullLogger<EmbeddedSpool>.Instance);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public async Task A_head_is_there_after_opening_again_and_beside_the_relay(int size)
    {
        var octets = Octets(size);
        var id = await AcceptWithHeadAsync(octets, 4, "accepted"u8.ToArray());
        await CommitHeadAsync(6, "committed"u8.ToArray());
        byte[] expected = [.. "committeded"u8, .. octets[4..]];

        await ReopenAsync();

        Assert.Equal(expected, await OctetsAsync(id));
        await using var beside = EmbeddedStatusReader.Open(folder);
        await using var stream = (await beside.OpenContentAsync(id, default))!;
        Assert.Equal(expected, await ReadAsync(stream));
    }

    [Fact]
    public async Task A_file_is_not_touched_by_a_head_and_goes_with_the_last_work()
    {
        var octets = Octets(100_000);
        await AcceptWithHeadAsync(octets, 0, "accepted"u8.ToArray());
        await CommitHeadAsync(20, "committed"u8.ToArray());
        Assert.Equal(octets, await File.ReadAllBytesAsync(Assert.Single(Files)));

        await Spool.SweepAsync(Start.AddDays(1), default);
        Assert.Single(Files);
        await Spool.CommitAsync(Final(Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default))));

        Assert.Empty(Files);
    }

    [Fact]
    public async Task A_file_that_is_kept_with_its_head_goes_with_the_sweep()
    {
        await AcceptWithHeadAsync(Octets(100_000), 0, "accepted"u8.ToArray());
        await Spool.CommitAsync(
            Final(Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default))) with { KeepContent = true });
        Assert.Single(Files);

        Assert.Equal(1, await Spool.SweepAsync(Start.AddDays(1), default));

        Assert.Empty(Files);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public async Task A_head_for_content_that_is_gone_ends_no_work(int size)
    {
        await AcceptWithHeadAsync(Octets(size), 0, default);
        await ChangeAsync("DELETE FROM content");
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default));

        var e = await Assert.ThrowsAsync<SpoolException>(() => Spool.CommitAsync(WithHead(lease, 0, "head"u8.ToArray())));

        Assert.Equal(SpoolFault.Corrupt, e.Fault);
        await ReopenAsync();
        Assert.Equal(lease.Work.Size, Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default)).Work.Size);
    }

    [Fact]
    public async Task A_file_that_is_cut_is_never_read_as_if_whole_behind_its_head()
    {
        var id = await AcceptWithHeadAsync(Octets(100_000), 4, "accepted"u8.ToArray());
        await File.WriteAllBytesAsync(Assert.Single(Files), Octets(99_999));

        var e = await Assert.ThrowsAsync<SpoolException>(async () => await Spool.OpenContentAsync(id, default));

        Assert.Equal(SpoolFault.Corrupt, e.Fault);
    }

    [Theory]
    [InlineData("CAST('{\"Checks\":{\"Spf\":\"Tag\",\"Tarot\":{\"cards\":[1,2]},\"Dkim\":\"Reject\"}}' AS BLOB)", true)]
    [InlineData("CAST('{\"Checks\":{\"Spf\":\"Frown\"}}' AS BLOB)", false)]
    [InlineData("CAST('{\"Checks\":[1]}' AS BLOB)", false)]
    public async Task Checks_of_another_version_are_left_out_and_what_makes_no_sense_is_set_aside(string detail, bool isRead)
    {
        var id = await AcceptWithHeadAsync("x"u8.ToArray(), 0, default);
        await ChangeAsync($"UPDATE work SET detail = {detail}");
        if (isRead)
        {
            var modes = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default)).Work.Detail.Checks;
            Assert.Equal(CheckModes.Off.With(CheckName.Spf, CheckAction.Tag).With(CheckName.Dkim, CheckAction.Reject), modes);
            return;
        }

        await AssertNoLeaseAsync(WorkQueue.Accepted);
        Assert.Equal(StatusEvents.SetAside, (await Spool.StatusAsync(id, default))!.Events![^1].Kind);
    }

    [Fact]
    public async Task An_origin_that_cannot_be_read_holds_up_no_mail_and_is_nobody_of_ours()
    {
        await AcceptWithHeadAsync("x"u8.ToArray(), 0, default);
        await ChangeAsync("UPDATE message SET origin = X'7B'");

        var origin = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default)).Work.Origin;

        Assert.Equal(("unreadable", false), (origin.Protocol, origin.IsMember));
    }

    private string[] Files => Directory.GetFiles(System.IO.Path.Combine(folder, "content"));

    private static Transition WithHead(Lease lease, int length, byte[] head) => new()
    {
        Follows = lease,
        At = Start,
        Head = new ContentHead(length, head),
        Next = [new NextWork(WorkQueue.Accepted, lease.Work.Detail, Start)],
    };

    private async Task<MessageId> AcceptWithHeadAsync(byte[] octets, int length, ReadOnlyMemory<byte> head)
    {
        var message = Message();
        await using var content = await WriteAsync(message.Id, octets);
        content.ReplaceHead(length, head);
        await Spool.AcceptAsync(message, content);
        return message.Id;
    }

    private async Task CommitHeadAsync(int length, byte[] head) => Assert.True(
        await Spool.CommitAsync(WithHead(Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default)), length, head)));

    private async Task ReopenAsync()
    {
        await Spool.DisposeAsync();
        Spool = Open();
    }

    private async Task ChangeAsync(string sql)
    {
        await Spool.DisposeAsync();
        using (var connection = new SqliteConnection($"Data Source={System.IO.Path.Combine(folder, "spool.db")};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }

        Spool = Open();
    }
}
