using Relay.Mail;
using Relay.Spool;
using Relay.Status;

namespace Relay.Tests.Spool;

/// <summary>What every engine of the spool must tell of its queue, and how works are leased when many are there.</summary>
public abstract class QueueContract : ControlContract
{
    [Fact]
    public async Task The_queue_is_shown_with_what_is_due_next_first()
    {
        var late = await DeferAsync(Start.AddHours(2), "a@example.net");
        var soon = await DeferAsync(Start.AddHours(1), "b@example.org", "c@example.org");
        var fresh = await AcceptAsync("x", Message("d@example.net"));

        var entries = (await Spool.QueueAsync(new QueueQuery(), default)).Entries;

        Assert.Equal([fresh, soon, late], entries.Select(Id));
        Assert.Equal([QueueState.Queued, QueueState.Deferred, QueueState.Deferred], entries.Select(e => e.State));
        Assert.Equal((Start, Start.AddHours(1), "app@example.com", 1L, "mx"),
            (entries[0].DueAt, entries[1].DueAt, entries[1].Sender, entries[1].Size, entries[1].Route));
        Assert.Equal(["b@example.org", "c@example.org"], entries[1].Recipients.Select(r => r.Address));
        Assert.Equal([late, soon, fresh], await ShowAsync(new QueueQuery { Order = QueueOrder.Age }));
    }

    [Fact]
    public async Task The_queue_is_shown_by_state_and_by_domain()
    {
        var held = await DeferAsync(Start.AddHours(1), "a@example.net");
        await Spool.ControlAsync(QueueAction.Hold, Of(held), default);
        var deferred = await DeferAsync(Start.AddHours(2), "a@example.net");
        var mixed = await DeferAsync(Start.AddHours(3), "a@example.org", "b@EXAMPLE.NET");
        var fresh = await AcceptAsync("x", Message("d@example.net"));
        await DeferAsync(Start.AddHours(1), "a@example.com");

        foreach (var order in new[] { QueueOrder.Due, QueueOrder.Age })
        {
            Assert.Equal([held], await ShowAsync(new QueueQuery { State = QueueState.Held, Order = order }));
            Assert.Equal([fresh], await ShowAsync(new QueueQuery { State = QueueState.Queued, Order = order }));
            Assert.Equal(3, (await ShowAsync(new QueueQuery { State = QueueState.Deferred, Order = order })).Count());
            Assert.Equal([deferred, mixed], await ShowAsync(new QueueQuery { Domain = "Example.NET", State = QueueState.Deferred, Order = order }));
        }

        Assert.Equal([fresh, held, deferred, mixed], await ShowAsync(new QueueQuery { Domain = "example.net" }));
        Assert.Empty(await ShowAsync(new QueueQuery { Domain = "nowhere.example" }));
    }

    [Theory]
    [InlineData(QueueOrder.Due, null)]
    [InlineData(QueueOrder.Due, "example.net")]
    [InlineData(QueueOrder.Age, null)]
    [InlineData(QueueOrder.Age, "example.net")]
    public async Task The_queue_is_read_on_by_its_cursor_without_gap_or_repetition(QueueOrder order, string? domain)
    {
        List<MessageId> all = [];
        for (var i = 0; i < 11; i++)
        {
            all.Add(i % 3 == 0 ? await AcceptAsync("x") : await DeferAsync(Start.AddHours(i % 2)));
            if (i % 4 == 1)
            {
                await Spool.ControlAsync(QueueAction.Hold, Of(all[^1]), default);
            }
        }

        List<MessageId> found = [];
        var query = new QueueQuery { Order = order, Domain = domain, Limit = 2 };
        do
        {
            var page = await Spool.QueueAsync(query, default);
            Assert.InRange(page.Entries.Count, 1, 2);
            found.AddRange(page.Entries.Select(Id));
            query = query with { Cursor = page.Cursor };
        }
        while (query.Cursor is not null);

        Assert.Equal(all.OrderBy(id => id.ToString()), found.OrderBy(id => id.ToString()));
        Assert.Equal(all.Count, found.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("d1.2")]
    [InlineData("a1.2.3")]
    [InlineData("d1.2.x")]
    public async Task A_cursor_of_another_question_is_a_fault(string cursor) =>
        await Assert.ThrowsAsync<FormatException>(async () => await Spool.QueueAsync(new QueueQuery { Cursor = cursor }, default));

    [Fact]
    public async Task The_summary_counts_by_domain()
    {
        var held = await DeferAsync(Start.AddHours(1), "a@example.net");
        await Spool.ControlAsync(QueueAction.Hold, Of(held), default);
        Time.Advance(TimeSpan.FromMinutes(1));
        await DeferAsync(Start.AddHours(3), "a@example.net");
        await DeferAsync(Start.AddHours(2), "a@example.org", "b@EXAMPLE.NET");
        await AcceptAsync("x", Message("d@fresh.example"));

        var summary = await Spool.QueueSummaryAsync(default);

        Assert.Equal((4, 0), (summary.Total, summary.NotLookedAt));
        Assert.Equal(["example.net", "example.org", "fresh.example"], summary.Destinations.Select(d => d.Domain).Order());
        var first = summary.Destinations[0];
        Assert.Equal(("example.net", 2, 1, 0), (first.Domain, first.Waiting, first.Held, first.SetAside));
        Assert.Equal((Start, Start.AddHours(2)), (first.OldestAt, first.NextAt));
        Assert.Equal(["mx"], first.Routes);
    }

    [Fact]
    public async Task Mail_that_is_done_or_only_told_of_is_not_queued()
    {
        await AcceptAsync("x");
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));
        await Spool.CommitAsync(Final(lease) with { Next = [new NextWork(WorkQueue.Notify, new WorkDetail(), Start)] });

        Assert.Empty(await ShowAsync(new QueueQuery()));
        Assert.Equal(0, (await Spool.QueueSummaryAsync(default)).Total);
    }

    [Fact]
    public async Task Works_are_leased_in_their_order_however_many_are_held()
    {
        List<MessageId> ids = [];
        for (var i = 0; i < 30; i++)
        {
            ids.Add(await AcceptAsync("x"));
        }

        List<Lease> leases = [];
        for (var i = 0; i < 10; i++)
        {
            leases.AddRange(await Spool.LeaseAsync(WorkQueue.Accepted, 3, default));
        }

        Assert.Equal(ids, leases.Select(lease => lease.Work.Message));
        await AssertNoLeaseAsync(WorkQueue.Accepted);
        await Spool.AbandonAsync(leases[20]);
        await Spool.AbandonAsync(leases[4]);
        var more = await AcceptAsync("x");
        Assert.Equal([ids[4], ids[20], more], (await Spool.LeaseAsync(WorkQueue.Accepted, 30, default)).Select(lease => lease.Work.Message));
    }

    [Fact]
    public async Task Work_with_an_earlier_time_than_what_was_leased_is_found()
    {
        await DeferAsync(Start.AddHours(1));
        Time.Advance(TimeSpan.FromHours(1));
        var late = Assert.Single(await Spool.LeaseAsync(WorkQueue.Delivery, 10, default));

        // As after a clock that was set back: what is due then comes before all that was leased.
        var early = await DeferAsync(Start.AddMinutes(1));

        Assert.Equal(early, Assert.Single(await Spool.LeaseAsync(WorkQueue.Delivery, 10, default)).Work.Message);
        await Spool.CommitAsync(Final(late));
        await AssertNoLeaseAsync(WorkQueue.Delivery);
    }

    private static MessageId Id(QueueEntry entry) => MessageId.TryParse(entry.Id, out var id) ? id : default;

    private async Task<IEnumerable<MessageId>> ShowAsync(QueueQuery query) => (await Spool.QueueAsync(query, default)).Entries.Select(Id);
}
