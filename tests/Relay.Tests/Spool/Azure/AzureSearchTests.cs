using Relay.Mail;
using Relay.Spool;
using Relay.Status;
using Relay.Tests.Spool.Azure;

namespace Relay.Tests.Spool;

/// <summary>Search over hours, parts and shards, and control by several processes.</summary>
public sealed class AzureSearchTests : SpoolTests
{
    private AzureEstate estate = null!;

    public override async ValueTask InitializeAsync()
    {
        estate = await AzureEstate.MakeAsync(Time, shards: 2);
        await base.InitializeAsync();
    }

    protected override ISpool Open() => estate.Open();

    [Fact]
    public async Task Messages_of_many_hours_are_found_newest_first_page_by_page()
    {
        List<MessageId> ids = [];
        for (var i = 0; i < 24; i++)
        {
            ids.Add(await AcceptAsync("x", Message(i % 5 == 0 ? "Rare@example.net" : "a@example.net")));
            Time.Advance(i % 6 == 0 ? TimeSpan.FromHours(7) : TimeSpan.FromMinutes(3));
        }

        ids.Reverse();
        Assert.Equal(ids, await SearchAsync(new StatusQuery { Limit = 5 }));
        Assert.Equal(ids, await SearchAsync(new StatusQuery { Limit = 24 }));
        Assert.Equal(ids.Where((_, i) => (23 - i) % 5 == 0), await SearchAsync(new StatusQuery { Recipient = "rare@EXAMPLE.net", Limit = 2 }));
        Assert.Equal(ids, await SearchAsync(new StatusQuery { Sender = "App@example.com", State = RecipientState.Queued, Limit = 10 }));
        Assert.Empty(await SearchAsync(new StatusQuery { State = RecipientState.Bounced }));
        Assert.Empty(await SearchAsync(new StatusQuery { Sender = "it's@example.com" }));
    }

    [Fact]
    public async Task Times_are_from_and_before()
    {
        var before = await AcceptAsync("x");
        Time.Advance(TimeSpan.FromHours(1));
        var within = await AcceptAsync("x");
        Time.Advance(TimeSpan.FromHours(1));
        await AcceptAsync("x");

        Assert.Equal([within], await SearchAsync(new StatusQuery { Since = Start.AddHours(1), Until = Start.AddHours(2) }));
        Assert.Equal([before], await SearchAsync(new StatusQuery { Until = Start.AddHours(1) }));
        await Assert.ThrowsAsync<FormatException>(async () => await Spool.SearchAsync(new StatusQuery { Cursor = "x" }, default));
    }

    [Fact]
    public async Task A_message_that_was_never_wholly_accepted_is_not_found()
    {
        var id = await AcceptAsync("x");
        foreach (var shard in estate.Shards().All)
        {
            await shard.Status.DeleteEntityAsync(Relay.Spool.Azure.RowKeys.PartitionOf(id), Relay.Spool.Azure.RowKeys.Message(id));
        }

        Assert.Empty(await SearchAsync(new StatusQuery()));
        Assert.Empty(await SearchAsync(new StatusQuery { Recipient = "a@example.net" }));
        Assert.Empty((await Spool.QueueAsync(new QueueQuery(), default)).Entries);
    }

    [Fact]
    public async Task What_another_process_is_trying_is_left_alone()
    {
        await AcceptAsync("x");
        await using var other = estate.Open();
        var lease = Assert.Single(await other.LeaseAsync(WorkQueue.Accepted, 1, default));

        Assert.Equal(new QueueChange(0, 0, 1), await Spool.ControlAsync(QueueAction.Cancel, new QueueSelection { All = true }, default));

        Assert.True(await other.CommitAsync(Deferred(lease, Start.AddHours(1))));
        Assert.Equal(new QueueChange(1, 1, 0), await Spool.ControlAsync(QueueAction.Retry, new QueueSelection { All = true }, default));
        lease = Assert.Single(await other.LeaseAsync(WorkQueue.Delivery, 1, default));
        Assert.Equal(new QueueChange(0, 0, 1), await Spool.ControlAsync(QueueAction.Hold, new QueueSelection { All = true }, default));
        Assert.True(await other.CommitAsync(Final(lease)));
        // The queue message of the first time finds nothing to do.
        Time.Advance(TimeSpan.FromHours(1));
        await AssertNoLeaseAsync(WorkQueue.Delivery);
    }

    [Fact]
    public async Task A_message_to_very_many_is_held_released_and_cancelled()
    {
        var id = await AcceptAsync("x", Message([.. Enumerable.Range(0, 200).Select(n => $"a{n}@example.net")]));
        var leases = await Spool.LeaseAsync(WorkQueue.Accepted, 10, default);
        foreach (var lease in leases)
        {
            await Spool.CommitAsync(new Transition
            {
                Follows = lease,
                At = Start,
                Recipients = [.. lease.Work.Recipients.Select(r => new RecipientChange(r.Index, State(RecipientState.Deferred, Reasons.ConnectFailed, Start.AddHours(1))))],
                Next = [new NextWork(WorkQueue.Delivery, lease.Work.Detail with { Attempt = 1, Route = "mx" }, Start.AddHours(1))],
            });
        }

        var selection = new QueueSelection { Message = id };
        Assert.Equal(new QueueChange(1, 200, 0), await Spool.ControlAsync(QueueAction.Hold, selection, default));
        Assert.True((await Spool.StatusAsync(id, default))!.Recipients.All(r => r.IsHeld));
        Assert.Equal(new QueueChange(1, 200, 0), await Spool.ControlAsync(QueueAction.Release, selection, default));
        Assert.Equal(new QueueChange(1, 200, 0), await Spool.ControlAsync(QueueAction.Cancel, selection, default));
        Assert.True((await Spool.StatusAsync(id, default))!.Recipients.All(r => r.State == RecipientState.Cancelled));
        await AssertNoLeaseAsync(WorkQueue.Delivery);
        Assert.Null(await Spool.OpenContentAsync(id, default));
    }

    private async Task<List<MessageId>> SearchAsync(StatusQuery query)
    {
        List<MessageId> found = [];
        do
        {
            var page = await Spool.SearchAsync(query, default);
            Assert.True(page.Messages.Count <= query.Limit);
            found.AddRange(page.Messages.Select(message => MessageId.TryParse(message.Id, out var id) ? id : default));
            query = query with { Cursor = page.Cursor };
        }
        while (query.Cursor is not null);

        return found;
    }
}
