using Azure.Data.Tables;
using Relay.Checks;
using Relay.Mail;
using Relay.Spool;
using Relay.Spool.Azure;
using Relay.Status;

namespace Relay.Tests.Spool.Azure;

/// <summary>What a queue message comes to, for a host that leases it for us and for one that takes it itself.</summary>
public sealed class AzureLeaseTests : SpoolTests
{
    private AzureEstate estate = null!;

    public override async ValueTask InitializeAsync()
    {
        estate = await AzureEstate.MakeAsync(Time);
        await base.InitializeAsync();
    }

    protected override ISpool Open() => estate.Open();

    private AzureSpool Azure => (AzureSpool)Spool;

    private AzureShard Shard => estate.Shards().First;

    [Fact]
    public async Task A_message_of_a_host_gives_its_work_in_base64_or_not_until_that_has_ended()
    {
        await AcceptAsync("x");
        var text = await TakeTextAsync(WorkQueue.Accepted);
        var json = System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(text));

        Assert.NotNull(await Azure.ReadLeaseAsync(json, 1, default));
        Assert.NotNull(await Azure.ReadLeaseAsync(json, 2, default));
        var lease = (await Azure.ReadLeaseAsync(text, 1, default))!;
        Assert.Equal("x", await ContentAsync(lease.Work.Message));
        Assert.True(await Spool.CommitAsync(Final(lease)));

        Assert.Null(await Azure.ReadLeaseAsync(text, 2, default));
        Assert.Null(await Azure.ReadLeaseAsync("none of ours", 1, default));
    }

    [Fact]
    public async Task Work_that_an_operator_holds_or_that_is_set_aside_is_not_leased()
    {
        var id = await AcceptAsync("x");
        var text = await TakeTextAsync(WorkQueue.Accepted);
        foreach (var state in new[] { WorkRowState.Held, WorkRowState.SetAside })
        {
            await ChangeAsync(id, row => row["State"] = (int)state);
            Assert.Null(await Azure.ReadLeaseAsync(text, 2, default));
        }

        await ChangeAsync(id, row => row["State"] = 0);
        Assert.NotNull(await Azure.ReadLeaseAsync(text, 2, default));
    }

    [Fact]
    public async Task Work_that_is_not_due_yet_is_put_again_for_its_time()
    {
        var id = await AcceptAsync("x");
        var text = await TakeTextAsync(WorkQueue.Accepted);
        await ChangeAsync(id, row => row["DueAt"] = Start.AddDays(20));

        Assert.Null(await Azure.ReadLeaseAsync(text, 2, default));

        // A queue hides nothing for more than seven days: it is put again on the way.
        Time.Advance(TimeSpan.FromDays(7));
        Assert.Empty(await Azure.TakeAsync(WorkQueue.Accepted, 1));
        Time.Advance(TimeSpan.FromDays(7));
        Assert.Empty(await Azure.TakeAsync(WorkQueue.Accepted, 1));
        Time.Advance(TimeSpan.FromDays(6));
        Assert.Single(await Azure.TakeAsync(WorkQueue.Accepted, 1));
    }

    [Fact]
    public async Task Of_two_messages_for_a_work_that_was_put_again_only_one_begins_it()
    {
        var id = await AcceptAsync("x");
        var text = await TakeTextAsync(WorkQueue.Accepted);
        Time.Advance(TimeSpan.FromMinutes(11));
        await Spool.SweepAsync(Start.AddDays(-1), default);
        var again = await TakeTextAsync(WorkQueue.Accepted);

        var lease = Assert.IsType<AzureLease>(await Azure.ReadLeaseAsync(again, 1, default));
        Assert.Null(await Azure.ReadLeaseAsync(text, 1, default));
        await Spool.SweepAsync(Start.AddDays(-1), default);
        Assert.Empty(await Azure.TakeAsync(WorkQueue.Accepted, 10));

        Assert.True(await Spool.CommitAsync(Final(lease)));
        Time.Advance(TimeSpan.FromMinutes(11));
        Assert.Empty(await Azure.TakeAsync(WorkQueue.Accepted, 10));
        Assert.Equal(RecipientState.Delivered, (await Spool.StatusAsync(id, default))!.Recipients[0].State);
    }

    [Fact]
    public async Task Work_that_takes_long_is_claimed_and_nobody_else_begins_it()
    {
        var id = await AcceptAsync("x");
        var lease = Assert.Single(await Azure.TakeAsync(WorkQueue.Accepted, 1));
        while (Time.GetUtcNow() < Start.AddMinutes(30) || !((await WorkAsync(id)).GetDateTimeOffset("ClaimedUntil") > Time.GetUtcNow().AddMinutes(5)))
        {
            Time.Advance(TimeSpan.FromMinutes(1));
        }

        await Spool.SweepAsync(Start.AddDays(-1), default);
        Assert.Equal(0, (await WorkAsync(id)).GetInt32("PutAgain"));
        Assert.True(await Spool.CommitAsync(Final(lease)));
    }

    [Fact]
    public async Task Work_whose_rows_make_no_sense_is_set_aside()
    {
        var id = await AcceptAsync("x");
        var text = await TakeTextAsync(WorkQueue.Accepted);
        await ChangeAsync(id, row => row["Detail"] = "{"u8.ToArray());

        Assert.Null(await Azure.ReadLeaseAsync(text, 2, default));

        var e = (await Spool.StatusAsync(id, default))!.Events![^1];
        Assert.Equal((StatusEvents.SetAside, Reasons.SpoolCorrupt), (e.Kind, e.Reason));
        Assert.Null(await Azure.ReadLeaseAsync(text, 3, default));
    }

    [Fact]
    public async Task Large_mail_is_looked_up_and_delivered_whole()
    {
        var message = Message([.. Enumerable.Range(0, 1200).Select(n => $"{new string('x', 50)}{n}@example.net")]);
        await AcceptAsync("x", message);

        var leases = await Spool.LeaseAsync(WorkQueue.Accepted, 32, default);
        Assert.Equal(13, leases.Count);
        Assert.All(leases, lease => Assert.Equal(message.Envelope.Recipients, lease.Work.Envelope.Recipients));
        foreach (var lease in leases)
        {
            Assert.True(await Spool.CommitAsync(Final(lease)));
        }

        Assert.All((await Spool.StatusAsync(message.Id, default))!.Recipients, r => Assert.Equal(RecipientState.Delivered, r.State));
        Assert.Null(await Spool.OpenContentAsync(message.Id, default));
    }

    [Fact]
    public async Task Mail_that_is_checked_from_the_queue_is_one_work_however_many_recipients_it_has()
    {
        var message = Message([.. Enumerable.Range(0, 250).Select(n => $"r{n}@example.net")]) with
        {
            Checks = CheckModes.Off.With(CheckName.Spf, CheckAction.Tag),
        };
        await AcceptAsync("x", message);

        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 32, default));
        Assert.True(await Spool.CommitAsync(new Transition
        {
            Follows = lease,
            At = Start,
            Recipients = [.. Enumerable.Range(0, 120).Select(n => new RecipientChange(n, State(RecipientState.Rejected, "x")))],
            Head = new ContentHead(0, "Field: x\r\n"u8.ToArray()),
            Next = [new NextWork(WorkQueue.Accepted, new WorkDetail { Recipients = [.. Enumerable.Range(120, 130)] }, Start)],
        }));

        var next = await Spool.LeaseAsync(WorkQueue.Accepted, 32, default);
        Assert.Equal([95, 35], next.Select(work => work.Work.Recipients.Count()).OrderDescending());
        Assert.Equal("Field: x\r\nx", await ContentAsync(message.Id));
        var status = (await Spool.StatusAsync(message.Id, default))!;
        Assert.Equal(120, status.Recipients.Count(r => r.State == RecipientState.Rejected));
        Assert.Equal(121, status.Events!.Count);
    }

    /// <summary>Takes a message as a host does, and leaves its lease to the host.</summary>
    private async Task<string> TakeTextAsync(WorkQueue queue) =>
        (await Shard.QueueOf(queue).ReceiveMessageAsync()).Value.MessageText;

    private async Task<TableEntity> WorkAsync(MessageId id) =>
        await Shard.Status.GetEntityAsync<TableEntity>(RowKeys.PartitionOf(id), RowKeys.Work(id, RowKeys.FirstWork(0)));

    private async Task ChangeAsync(MessageId id, Action<TableEntity> change)
    {
        var row = new TableEntity(RowKeys.PartitionOf(id), RowKeys.Work(id, RowKeys.FirstWork(0)));
        change(row);
        await Shard.Status.UpdateEntityAsync(row, global::Azure.ETag.All);
    }
}
