using Relay.Checks;
using Relay.Mail;
using Relay.Spool;
using Relay.Status;

namespace Relay.Tests.Spool;

/// <summary>What every engine of the spool must do when an operator changes the queue.</summary>
public abstract class ControlContract : SpoolTests
{
    private static readonly QueueSelection All = new() { All = true, Note = "why" };

    [Fact]
    public async Task Retried_mail_is_tried_at_once()
    {
        var id = await DeferAsync(Start.AddHours(1));
        var waiting = Spool.LeaseAsync(WorkQueue.Delivery, 10, default).AsTask();

        Assert.Equal(new QueueChange(1, 1, 0), await Spool.ControlAsync(QueueAction.Retry, All, default));

        Assert.Equal(id, Assert.Single(await waiting).Work.Message);
        var status = (await Spool.StatusAsync(id, default))!;
        Assert.Equal((RecipientState.Deferred, Start), (status.Recipients[0].State, status.Recipients[0].NextAttemptAt));
        Assert.Equal((StatusEvents.RetryAsked, "why"), (status.Events![^1].Kind, status.Events[^1].Detail));
    }

    [Fact]
    public async Task Set_aside_mail_that_is_retried_comes_again()
    {
        var id = await AcceptAsync("x");
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));
        await Spool.SetAsideAsync(lease, Reasons.InternalError, "why");
        Assert.Equal(QueueState.SetAside, Assert.Single((await Spool.QueueAsync(new QueueQuery(), default)).Entries).State);

        Assert.Equal(new QueueChange(1, 1, 0), await Spool.ControlAsync(QueueAction.Retry, Of(id), default));

        Assert.Equal(id, Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default)).Work.Message);
        Assert.False((await Spool.StatusAsync(id, default))!.Recipients[0].IsStuck);
    }

    [Fact]
    public async Task What_only_tells_of_mail_is_shown_when_it_is_stuck_and_comes_again_when_it_is_retried()
    {
        var id = await AcceptAsync("x", Message("a@example.net", "b@example.net"));
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));
        await Spool.CommitAsync(Final(lease) with { Next = [new NextWork(WorkQueue.Notify, new WorkDetail { Recipients = [1] }, Start)] });
        lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Notify, 10, default));
        await Spool.SetAsideAsync(lease, Reasons.InternalError, "why");

        var stuck = new QueueQuery { State = QueueState.SetAside };
        Assert.Equal("b@example.net", Assert.Single(Assert.Single((await Spool.QueueAsync(stuck, default)).Entries).Recipients).Address);
        Assert.Equal(1, Assert.Single((await Spool.QueueSummaryAsync(default)).Destinations).SetAside);
        var status = (await Spool.StatusAsync(id, default))!;
        Assert.Equal([false, true], status.Recipients.Select(r => r.IsStuck));
        Assert.Equal((StatusEvents.SetAside, Reasons.InternalError, "why"), (status.Events![^1].Kind, status.Events[^1].Reason, status.Events[^1].Detail));
        Assert.Equal(new QueueChange(0, 0, 0), await Spool.ControlAsync(QueueAction.Cancel, All, default));

        Assert.Equal(new QueueChange(1, 1, 0), await Spool.ControlAsync(QueueAction.Retry, All, default));

        lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Notify, 10, default));
        Assert.True(await Spool.CommitAsync(new Transition { Follows = lease, At = Start }));
        Assert.Empty((await Spool.QueueAsync(stuck, default)).Entries);
    }

    [Fact]
    public async Task Held_mail_is_leased_no_more_until_it_is_released()
    {
        var id = await DeferAsync(Start.AddHours(1));

        Assert.Equal(new QueueChange(1, 1, 0), await Spool.ControlAsync(QueueAction.Hold, Of(id), default));
        Time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(new QueueChange(0, 0, 0), await Spool.ControlAsync(QueueAction.Retry, All, default));
        await AssertNoLeaseAsync(WorkQueue.Delivery);
        Assert.True((await Spool.StatusAsync(id, default))!.Recipients[0].IsHeld);
        Assert.Equal("x", await ContentAsync(id));

        Assert.Equal(new QueueChange(1, 1, 0), await Spool.ControlAsync(QueueAction.Release, Of(id), default));
        Assert.Equal(1, Assert.Single(await Spool.LeaseAsync(WorkQueue.Delivery, 10, default)).Work.Detail.Attempt);
        var status = (await Spool.StatusAsync(id, default))!;
        Assert.False(status.Recipients[0].IsHeld);
        Assert.Equal([StatusEvents.Held, StatusEvents.Released], status.Events!.TakeLast(2).Select(e => e.Kind));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public async Task Cancelled_mail_ends_without_a_word_and_its_content_goes(int size)
    {
        var id = await DeferAsync(Start.AddHours(1), size: size);

        Assert.Equal(new QueueChange(1, 1, 0), await Spool.ControlAsync(QueueAction.Cancel, Of(id), default));

        var status = (await Spool.StatusAsync(id, default))!;
        Assert.Equal((RecipientState.Cancelled, Reasons.Cancelled, null), (status.Recipients[0].State, status.Recipients[0].Reason, status.Recipients[0].NextAttemptAt));
        Assert.Equal(("cancelled", 0, Reasons.Cancelled, "why"), (status.Events![^1].Kind, status.Events[^1].Recipient, status.Events[^1].Reason, status.Events[^1].Detail));
        Assert.Null(await Spool.OpenContentAsync(id, default));
        await AssertNoLeaseAsync(WorkQueue.Notify);
        Time.Advance(TimeSpan.FromHours(2));
        await AssertNoLeaseAsync(WorkQueue.Delivery);
        Assert.Equal(1, await Spool.SweepAsync(Start.AddDays(1), default));
    }

    [Theory]
    [InlineData(QueueAction.Retry)]
    [InlineData(QueueAction.Cancel)]
    [InlineData(QueueAction.Hold)]
    public async Task What_an_attempt_is_being_made_for_is_left_alone_and_counted(QueueAction action)
    {
        await AcceptAsync("x", Message("a@example.net", "b@example.net"));
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));

        Assert.Equal(new QueueChange(0, 0, 2), await Spool.ControlAsync(action, All, default));

        Assert.True(await Spool.CommitAsync(Final(lease)));
    }

    [Fact]
    public async Task Mail_that_others_wait_for_meanwhile_is_not_lost_by_a_change()
    {
        await AcceptAsync("x");
        await AcceptAsync("y");
        var first = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default));

        await Spool.ControlAsync(QueueAction.Retry, All, default);

        Assert.NotEqual(first.Work.Message, Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default)).Work.Message);
        await Spool.AbandonAsync(first);
        Assert.Equal(first.Work.Message, Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default)).Work.Message);
    }

    [Fact]
    public async Task Only_recipients_of_the_domain_are_cancelled()
    {
        var id = await DeferAsync(Start.AddHours(1), "a@Example.net", "b@example.org", "c@bücher.example");

        Assert.Equal(new QueueChange(1, 1, 0), await Spool.ControlAsync(QueueAction.Cancel, new QueueSelection { Domain = "example.NET" }, default));
        Assert.Equal(new QueueChange(1, 1, 0), await Spool.ControlAsync(QueueAction.Cancel, new QueueSelection { Domain = "xn--bcher-kva.example" }, default));
        Assert.Equal(new QueueChange(0, 0, 0), await Spool.ControlAsync(QueueAction.Cancel, new QueueSelection { Domain = "example.com" }, default));

        Assert.Equal(
            [RecipientState.Cancelled, RecipientState.Deferred, RecipientState.Cancelled],
            (await Spool.StatusAsync(id, default))!.Recipients.Select(r => r.State));
        Assert.Equal("x", await ContentAsync(id));
        Time.Advance(TimeSpan.FromHours(1));
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Delivery, 10, default));
        Assert.Equal([1], lease.Work.Recipients.Select(r => r.Index));
        await Spool.CommitAsync(Final(lease));
        Assert.Null(await Spool.OpenContentAsync(id, default));
    }

    [Fact]
    public async Task Only_recipients_of_the_domain_are_held()
    {
        var id = await DeferAsync(Start.AddHours(1), "a@example.net", "b@example.org");

        Assert.Equal(new QueueChange(1, 1, 0), await Spool.ControlAsync(QueueAction.Hold, new QueueSelection { Domain = "example.org" }, default));

        Assert.Equal([false, true], (await Spool.StatusAsync(id, default))!.Recipients.Select(r => r.IsHeld));
        Time.Advance(TimeSpan.FromHours(1));
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Delivery, 10, default));
        Assert.Equal([0], lease.Work.Recipients.Select(r => r.Index));
        await Spool.CommitAsync(Final(lease));
        Assert.Equal("x", await ContentAsync(id));

        Assert.Equal(new QueueChange(1, 1, 0), await Spool.ControlAsync(QueueAction.Release, All, default));
        lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Delivery, 10, default));
        Assert.Equal([1], lease.Work.Recipients.Select(r => r.Index));
        Assert.Equal(1, lease.Work.Detail.Attempt);
        await Spool.CommitAsync(Final(lease));
        Assert.Null(await Spool.OpenContentAsync(id, default));
    }

    [Fact]
    public async Task What_is_still_to_be_checked_is_not_split()
    {
        await AcceptAsync("x", Message("a@example.net", "b@example.org") with { Checks = CheckModes.Off.With(CheckName.Spf, CheckAction.Tag) });

        Assert.Equal(new QueueChange(0, 0, 1), await Spool.ControlAsync(QueueAction.Hold, new QueueSelection { Domain = "example.org" }, default));
        // An engine with many processes cannot tell mail that has just come from mail that is being tried.
        Time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(new QueueChange(1, 2, 0), await Spool.ControlAsync(QueueAction.Hold, All, default));
        await Spool.ControlAsync(QueueAction.Release, All, default);

        Assert.NotNull(Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default)).Work.Detail.Checks);
    }

    [Fact]
    public async Task What_a_service_has_been_given_is_neither_taken_back_nor_held()
    {
        await AcceptAsync("x");
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));
        var operation = new PendingOperation("id", Start);
        await Spool.CommitAsync(Deferred(lease, Start.AddHours(1)) with
        {
            Next = [new NextWork(WorkQueue.Delivery, new WorkDetail { Operation = operation }, Start.AddHours(1))],
        });

        Assert.Equal(new QueueChange(0, 0, 1), await Spool.ControlAsync(QueueAction.Cancel, All, default));
        Assert.Equal(new QueueChange(0, 0, 1), await Spool.ControlAsync(QueueAction.Hold, All, default));
        Assert.Equal(new QueueChange(1, 1, 0), await Spool.ControlAsync(QueueAction.Retry, All, default));
    }

    [Fact]
    public async Task Work_that_only_tells_is_never_cancelled_or_held()
    {
        await AcceptAsync("x");
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));
        await Spool.CommitAsync(Final(lease) with { Next = [new NextWork(WorkQueue.Notify, new WorkDetail(), Start)] });

        Assert.Equal(new QueueChange(0, 0, 0), await Spool.ControlAsync(QueueAction.Cancel, All, default));
        Assert.Equal(new QueueChange(0, 0, 0), await Spool.ControlAsync(QueueAction.Hold, All, default));

        Assert.Single(await Spool.LeaseAsync(WorkQueue.Notify, 10, default));
    }

    [Fact]
    public async Task Quarantined_mail_that_is_released_goes_its_way_without_checks()
    {
        var id = await AcceptAsync("x", Message("a@example.net", "b@example.net") with { Quarantine = new QuarantineReason("bad", "words") });
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));
        await Spool.CommitAsync(new Transition
        {
            Follows = lease,
            At = Start,
            KeepContent = true,
            Recipients =
            [
                new RecipientChange(0, State(RecipientState.Quarantined, "bad")),
                new RecipientChange(1, State(RecipientState.Delivered, Reasons.Delivered)),
            ],
        });
        Assert.Equal(new QueueChange(0, 0, 0), await Spool.ControlAsync(QueueAction.Release, All, default));

        Assert.Equal(new QueueChange(1, 1, 0), await Spool.ControlAsync(QueueAction.Release, Of(id), default));

        var status = (await Spool.StatusAsync(id, default))!;
        Assert.Equal([RecipientState.Queued, RecipientState.Delivered], status.Recipients.Select(r => r.State));
        Assert.Equal((StatusEvents.Released, 0, "why"), (status.Events![^1].Kind, status.Events[^1].Recipient, status.Events[^1].Detail));
        lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));
        Assert.Equal([0], lease.Work.Recipients.Select(r => r.Index));
        Assert.Equal((null, null), (lease.Work.Detail.Checks, lease.Work.Detail.Quarantine));
        Assert.Equal(0, await Spool.SweepAsync(Start.AddDays(9), default));
        Assert.Equal("x", await ContentAsync(id));
        await Spool.CommitAsync(Final(lease));
        Assert.Null(await Spool.OpenContentAsync(id, default));
        Assert.Equal(new QueueChange(0, 0, 0), await Spool.ControlAsync(QueueAction.Release, Of(id), default));
    }

    [Fact]
    public async Task Mail_goes_on_while_much_is_changed()
    {
        for (var i = 0; i < 450; i++)
        {
            await DeferAsync(Start.AddHours(1));
        }

        var changing = Spool.ControlAsync(QueueAction.Hold, All, default);
        var id = await AcceptAsync("new");
        Assert.Equal(450, (await changing).Recipients - await HeldNewAsync(id));

        Assert.Equal(450, (await Spool.ControlAsync(QueueAction.Cancel, All, default)).Messages - await HeldNewAsync(id));
        Time.Advance(TimeSpan.FromHours(2));
        await AssertNoLeaseAsync(WorkQueue.Delivery);
    }

    [Fact]
    public async Task A_selection_must_say_what_it_means()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Spool.ControlAsync(QueueAction.Cancel, new QueueSelection(), default));
        await Assert.ThrowsAsync<ArgumentException>(() => Spool.ControlAsync(QueueAction.Cancel, All with { Domain = "x" }, default));
    }

    protected static QueueSelection Of(MessageId id) => new() { Message = id, Note = "why" };

    /// <summary>A message, all recipients of which were tried once in vain.</summary>
    protected async Task<MessageId> DeferAsync(DateTimeOffset due, params string[] recipients) => await DeferAsync(due, 1, recipients);

    protected async Task<MessageId> DeferAsync(DateTimeOffset due, int size, params string[] recipients)
    {
        var id = await AcceptAsync(new string('x', size), Message(recipients));
        var leases = await Spool.LeaseAsync(WorkQueue.Accepted, 100, default);
        var lease = leases.Single(lease => lease.Work.Message == id);
        foreach (var other in leases.Where(other => other != lease))
        {
            await Spool.AbandonAsync(other);
        }

        await Spool.CommitAsync(new Transition
        {
            Follows = lease,
            At = Time.GetUtcNow(),
            Recipients = [.. lease.Work.Recipients.Select(r => new RecipientChange(r.Index, State(RecipientState.Deferred, Reasons.ConnectFailed, due)))],
            Next = [new NextWork(WorkQueue.Delivery, new WorkDetail { Attempt = 1, Route = "mx" }, due)],
        });
        return id;
    }

    /// <summary>1 when the new message was there early enough to be changed too.</summary>
    private async Task<int> HeldNewAsync(MessageId id) =>
        (await Spool.StatusAsync(id, default))!.Recipients[0] is { IsHeld: true } or { State: RecipientState.Cancelled } ? 1 : 0;
}
