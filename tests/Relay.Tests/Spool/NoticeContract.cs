using Relay.Mail;
using Relay.Spool;
using Relay.Status;

namespace Relay.Tests.Spool;

/// <summary>What every engine of the spool must do with notices that are joined, and with changes that a report makes.</summary>
public abstract class NoticeContract : SpoolTests
{
    [Fact]
    public async Task Who_commits_first_has_all_notices_and_the_others_nothing()
    {
        var (id, leases) = await NoticesAsync(mayJoin: [true, true, true]);
        Assert.Equal(3, leases.Count);

        Assert.True(await Spool.CommitAsync(Join(leases[1])));
        Assert.False(await Spool.CommitAsync(Join(leases[0])));
        Assert.False(await Spool.CommitAsync(Join(leases[2])));
        Assert.False(await Spool.CommitAsync(Join(leases[1])));

        var joined = Assert.Single(await Spool.LeaseAsync(WorkQueue.Notify, 10, default));
        Assert.Equal([0, 1, 2], joined.Work.Detail.Recipients!);
        Assert.Equal(["reason 0", "reason 1", "reason 2"], joined.Work.Detail.Reports!.Select(r => r.Reason));
        Assert.Equal([Start, Start.AddSeconds(1), Start.AddSeconds(2)], joined.Work.Detail.Reports!.Select(r => r.At!.Value));
        Assert.Equal((Start.AddSeconds(2), false), (joined.Work.Detail.DecidedAt, joined.Work.Detail.MayJoin));
        Assert.NotNull(await Spool.OpenContentAsync(id, default));
        Assert.True(await Spool.CommitAsync(new Transition { Follows = joined, At = Start }));
        Assert.Null(await Spool.OpenContentAsync(id, default));
    }

    [Fact]
    public async Task A_notice_that_is_fixed_or_of_another_message_is_not_joined()
    {
        var (_, leases) = await NoticesAsync(mayJoin: [true, false]);
        var (_, others) = await NoticesAsync(mayJoin: [true]);

        Assert.True(await Spool.CommitAsync(Join(leases[0])));

        Assert.True(await Spool.CommitAsync(new Transition { Follows = leases[1], At = Start }));
        Assert.True(await Spool.CommitAsync(Join(others[0])));
        var left = await Spool.LeaseAsync(WorkQueue.Notify, 10, default);
        Assert.Equal([0, 0], left.Select(l => Assert.Single(l.Work.Detail.Recipients!)));
    }

    [Fact]
    public async Task A_notice_that_is_not_due_yet_is_joined_too()
    {
        var (_, leases) = await NoticesAsync(mayJoin: [true, true], due: TimeSpan.FromSeconds(5));
        Assert.Single(leases);

        Assert.True(await Spool.CommitAsync(Join(leases[0])));

        Assert.Equal([0, 1], Assert.Single(await Spool.LeaseAsync(WorkQueue.Notify, 10, default)).Work.Detail.Recipients!);
        Time.Advance(TimeSpan.FromMinutes(1));
        await AssertNoLeaseAsync(WorkQueue.Notify);
    }

    [Theory]
    [InlineData(RecipientState.Delivered, RecipientState.Bounced, true)]
    [InlineData(RecipientState.Queued, RecipientState.Delivered, true)]
    [InlineData(RecipientState.Queued, RecipientState.Bounced, true)]
    [InlineData(RecipientState.Delivered, RecipientState.Delivered, false)]
    [InlineData(RecipientState.Bounced, RecipientState.Bounced, false)]
    [InlineData(RecipientState.Bounced, RecipientState.Delivered, false)]
    [InlineData(RecipientState.Expired, RecipientState.Bounced, false)]
    [InlineData(RecipientState.Cancelled, RecipientState.Bounced, false)]
    public async Task What_a_report_may_change_is_written_whole_or_not_at_all(RecipientState from, RecipientState to, bool taken)
    {
        var id = await AcceptAsync("x");
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default));
        await Spool.CommitAsync(new Transition { Follows = lease, At = Start, Recipients = [new RecipientChange(0, State(from, "before"))] });
        await Spool.ReportAsync(id, new RemoteReport { Action = DsnAction.Failed, Source = RemoteReport.FromDsn, At = Start });
        lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Report, 1, default));

        Assert.True(await Spool.CommitAsync(new Transition
        {
            Follows = lease,
            At = Start,
            Recipients = [new RecipientChange(0, State(to, "after"))],
            OnlyIfChanged = true,
            Events = [new StatusEvent { At = Start, Kind = StatusEvents.Reported }],
            Next = [new NextWork(WorkQueue.Notify, new WorkDetail(), Start)],
        }));

        var status = (await Spool.StatusAsync(id, default))!;
        Assert.Equal((taken ? to : from, taken ? "after" : "before"), (status.Recipients[0].State, status.Recipients[0].Reason));
        Assert.Equal(taken, status.Events!.Any(e => e.Kind == StatusEvents.Reported));
        if (!taken)
        {
            await AssertNoLeaseAsync(WorkQueue.Notify);
            Assert.Equal(1, await Spool.SweepAsync(Start.AddDays(1), default));
            return;
        }

        Assert.Single(await Spool.LeaseAsync(WorkQueue.Notify, 1, default));
    }

    [Fact]
    public async Task Nothing_but_a_report_leaves_a_final_state()
    {
        var id = await AcceptAsync("x");
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default));
        await Spool.CommitAsync(Final(lease) with { Next = [new NextWork(WorkQueue.Delivery, new WorkDetail(), Start)] });
        lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Delivery, 1, default));

        await Spool.CommitAsync(new Transition { Follows = lease, At = Start, Recipients = [new RecipientChange(0, State(RecipientState.Bounced, "late"))] });

        Assert.Equal(RecipientState.Delivered, (await Spool.StatusAsync(id, default))!.Recipients[0].State);
    }

    private static Transition Join(Lease lease) => new()
    {
        Follows = lease,
        At = Start,
        JoinsNotices = true,
        Next = [new NextWork(WorkQueue.Notify, lease.Work.Detail with { MayJoin = false }, Start)],
    };

    /// <summary>A message with a notice for each of its recipients; those that are due are leased.</summary>
    private async Task<(MessageId Id, IReadOnlyList<Lease> Leases)> NoticesAsync(bool[] mayJoin, TimeSpan due = default)
    {
        var id = await AcceptAsync("x", Message([.. mayJoin.Select((_, n) => $"r{n}@example.net")]));
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default));
        await Spool.CommitAsync(Final(lease) with
        {
            Next = [.. mayJoin.Select((joins, n) => new NextWork(WorkQueue.Notify, new WorkDetail
            {
                Recipients = [n],
                Reports = [new RecipientReport($"reason {n}", "5.1.1", null, null)],
                DecidedAt = Start.AddSeconds(n),
                MayJoin = joins,
            }, Start + (due * n)))],
        });
        return (id, await Spool.LeaseAsync(WorkQueue.Notify, 10, default));
    }
}
