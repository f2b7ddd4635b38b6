using Relay.Mail;
using Relay.Spool;

namespace Relay.Tests.Spool;

/// <summary>What every engine of the spool must do with reports of remote hosts.</summary>
public abstract class ReportContract : SpoolTests
{
    private static readonly RemoteReport Report = new()
    {
        Action = DsnAction.Failed,
        Recipient = 0,
        Address = "a@example.net",
        Status = "5.1.1",
        RemoteHost = "mx.example.net",
        Reply = "550 5.1.1 No such user",
        Source = "dsn",
        At = Start.AddSeconds(-1),
    };

    [Fact]
    public async Task A_report_of_an_unknown_message_is_not_taken()
    {
        Assert.False(await Spool.ReportAsync(MessageId.New(Start), Report));

        await AssertNoLeaseAsync(WorkQueue.Report);
    }

    [Fact]
    public async Task A_report_becomes_work_with_all_that_was_told()
    {
        var id = await AcceptAsync("x", Message("a@example.net", "b@example.net"));

        Assert.True(await Spool.ReportAsync(id, Report));

        var work = Assert.Single(await Spool.LeaseAsync(WorkQueue.Report, 10, default)).Work;
        Assert.Equal((id, Report), (work.Message, work.Detail.Report));
        Assert.Equal(2, work.Envelope.Recipients.Count);
    }

    [Fact]
    public async Task A_report_wakes_who_waits_for_one()
    {
        var id = await AcceptAsync("x");
        var waiting = Spool.LeaseAsync(WorkQueue.Report, 10, default).AsTask();
        Assert.False(waiting.IsCompleted);

        await Spool.ReportAsync(id, Report);

        Assert.Single(await waiting);
    }

    [Fact]
    public async Task The_content_stays_while_a_report_is_left_and_goes_with_it()
    {
        var id = await AcceptAsync("x");
        await Spool.ReportAsync(id, Report);

        await Spool.CommitAsync(Final(Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default))));
        Assert.Equal("x", await ContentAsync(id));
        await Spool.CommitAsync(Final(Assert.Single(await Spool.LeaseAsync(WorkQueue.Report, 10, default))));

        Assert.Null(await Spool.OpenContentAsync(id, default));
    }

    [Fact]
    public async Task A_message_that_has_ended_is_open_again_until_its_report_is_done()
    {
        var id = await AcceptAsync("x");
        await Spool.CommitAsync(Final(Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default))));

        Assert.True(await Spool.ReportAsync(id, Report));

        Assert.Equal(0, await Spool.SweepAsync(Start.AddDays(1), default));
        Assert.Null(await Spool.OpenContentAsync(id, default));
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Report, 10, default));
        Assert.True(await Spool.CommitAsync(new Transition { Follows = lease, At = Start.AddDays(1) }));
        Assert.Equal(0, await Spool.SweepAsync(Start.AddDays(1), default));
        Assert.Equal(1, await Spool.SweepAsync(Start.AddDays(2), default));
        Assert.False(await Spool.ReportAsync(id, Report));
    }

    [Fact]
    public async Task Captured_content_stays_when_a_report_has_come()
    {
        var id = await AcceptAsync("x");
        await Spool.CommitAsync(Final(Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default))) with { KeepContent = true });
        await Spool.ReportAsync(id, Report);

        await Spool.CommitAsync(Final(Assert.Single(await Spool.LeaseAsync(WorkQueue.Report, 10, default))));

        Assert.Equal("x", await ContentAsync(id));
    }
}
