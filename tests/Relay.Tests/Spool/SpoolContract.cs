using System.Buffers;
using Relay.Mail;
using Relay.Spool;
using Relay.Status;

namespace Relay.Tests.Spool;

/// <summary>What every engine of the spool must do.</summary>
public abstract class SpoolContract : SpoolTests
{
    [Fact]
    public async Task An_accepted_message_can_be_read_back_byte_for_byte()
    {
        var id = await AcceptAsync("Subject: x\r\n\r\nbody\r\n");

        Assert.Equal("Subject: x\r\n\r\nbody\r\n", await ContentAsync(id));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64 * 1024)]
    [InlineData((64 * 1024) + 1)]
    [InlineData(3_000_000)]
    public async Task Content_of_any_size_comes_back_whole(int size)
    {
        var octets = new byte[size];
        new Random(size).NextBytes(octets);
        var message = Message();
        await using (var content = Spool.CreateContent(message.Id))
        {
            foreach (var chunk in octets.Chunk(10_000))
            {
                content.Write(chunk);
                await content.FlushAsync(default);
            }

            Assert.Equal(size, content.Length);
            await Spool.AcceptAsync(message, content);
        }

        await using var stream = await Spool.OpenContentAsync(message.Id, default);
        var read = new byte[size + 1];
        Assert.Equal(size, await stream!.ReadAtLeastAsync(read, size + 1, throwOnEndOfStream: false));
        Assert.Equal(octets, read[..size]);
        stream.Position = 0;
        Assert.Equal(size, stream.Length);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1_000_000)]
    public async Task Content_that_is_given_up_leaves_nothing(int size)
    {
        var message = Message();
        await using (var content = Spool.CreateContent(message.Id))
        {
            content.Write(new byte[size]);
            await content.FlushAsync(default);
        }

        Assert.Null(await Spool.OpenContentAsync(message.Id, default));
        Assert.Null(await Spool.StatusAsync(message.Id, default));
        await AssertNoLeaseAsync(WorkQueue.Accepted);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100_000)]
    public async Task Accepting_an_id_for_the_second_time_changes_nothing(int size)
    {
        var message = Message();
        await AcceptAsync(new string('1', size), message);
        await AcceptAsync(new string('2', size), message);

        Assert.Equal(new string('1', size), await ContentAsync(message.Id));
        Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));
        Assert.Single((await Spool.SearchAsync(new StatusQuery(), default)).Messages);
    }

    [Fact]
    public async Task The_first_work_of_a_message_carries_all_that_the_step_needs()
    {
        var message = Message("a@example.net", "b@example.net") with
        {
            TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        };
        await AcceptAsync("x", message);

        var work = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default)).Work;

        Assert.Equal(message.Id, work.Message);
        Assert.Equal(message.AcceptedAt, work.AcceptedAt);
        Assert.Equal(1, work.Size);
        Assert.Equal(message.Envelope.ReversePath, work.Envelope.ReversePath);
        Assert.Equal(message.Envelope.Recipients, work.Recipients.Select(r => r.Path));
        Assert.Equal(message.TraceParent, work.Detail.TraceParent);
        Assert.Equal(0, work.Detail.Attempt);
    }

    [Fact]
    public async Task A_leased_work_is_given_to_nobody_else()
    {
        await AcceptAsync("x");

        Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));
        await AssertNoLeaseAsync(WorkQueue.Accepted);
    }

    [Fact]
    public async Task A_lease_that_waits_gets_the_message_that_comes()
    {
        var waiting = Spool.LeaseAsync(WorkQueue.Accepted, 10, default).AsTask();
        Assert.False(waiting.IsCompleted);

        var id = await AcceptAsync("x");

        Assert.Equal(id, Assert.Single(await waiting).Work.Message);
    }

    [Fact]
    public async Task At_most_so_many_works_are_leased_as_were_asked_for()
    {
        for (var i = 0; i < 5; i++)
        {
            await AcceptAsync("x");
        }

        Assert.Equal(2, (await Spool.LeaseAsync(WorkQueue.Accepted, 2, default)).Count);
        Assert.Equal(3, (await Spool.LeaseAsync(WorkQueue.Accepted, 9, default)).Count);
    }

    [Fact]
    public async Task Abandoned_work_comes_again()
    {
        await AcceptAsync("x");
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));

        await Spool.AbandonAsync(lease);

        Assert.Equal(lease.Work.Message, Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default)).Work.Message);
    }

    [Fact]
    public async Task Work_abandoned_until_later_waits_for_its_time()
    {
        await AcceptAsync("x");
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));
        await Spool.AbandonAsync(lease, Start.AddMinutes(5));
        await AssertNoLeaseAsync(WorkQueue.Accepted);

        Time.Advance(TimeSpan.FromMinutes(5));

        Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));
    }

    [Fact]
    public async Task Somebody_who_waits_is_woken_when_work_becomes_due()
    {
        await AcceptAsync("x");
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));
        await Spool.CommitAsync(Deferred(lease, Start.AddSeconds(30)));
        var waiting = Spool.LeaseAsync(WorkQueue.Delivery, 1, default).AsTask();

        while (!waiting.IsCompleted)
        {
            // The waiter sets its timer on another thread: time goes on until it sees it.
            Time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        Assert.Equal(1, Assert.Single(await waiting).Work.Detail.Attempt);
    }

    [Fact]
    public async Task A_transition_changes_states_writes_the_timeline_and_makes_the_next_work()
    {
        var id = await AcceptAsync("x", Message("a@example.net", "b@example.net"));
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));

        Assert.True(await Spool.CommitAsync(new Transition
        {
            Follows = lease,
            At = Start.AddSeconds(1),
            Recipients =
            [
                new RecipientChange(0, State(RecipientState.Delivered, Reasons.Delivered)),
                new RecipientChange(1, State(RecipientState.Deferred, Reasons.RemoteTemporary, Start.AddMinutes(1))),
            ],
            Events = [new StatusEvent { At = Start.AddSeconds(1), Kind = "extra", Detail = "words" }],
            Next = [new NextWork(WorkQueue.Delivery, new WorkDetail { Recipients = [1], Route = "r", Attempt = 1 }, Start)],
        }));

        var status = (await Spool.StatusAsync(id, default))!;
        Assert.Equal([RecipientState.Delivered, RecipientState.Deferred], status.Recipients.Select(r => r.State));
        Assert.Equal(Start.AddMinutes(1), status.Recipients[1].NextAttemptAt);
        Assert.Equal("mx.example.net[192.0.2.1]:25", status.Recipients[0].RemoteHost);
        Assert.Equal(["accepted", "delivered", "deferred", "extra"], status.Events!.Select(e => e.Kind));
        Assert.Equal(1, status.Events![2].Recipient);
        var next = Assert.Single(await Spool.LeaseAsync(WorkQueue.Delivery, 10, default)).Work;
        Assert.Equal([(1, new ForwardPath(new Mailbox("b", "example.net")))], next.Recipients);
        Assert.Equal("r", next.Detail.Route);
    }

    [Fact]
    public async Task The_same_transition_twice_changes_nothing_the_second_time()
    {
        var id = await AcceptAsync("x");
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));
        var transition = Deferred(lease, Start);

        Assert.True(await Spool.CommitAsync(transition));
        Assert.False(await Spool.CommitAsync(transition));

        Assert.Single(await Spool.LeaseAsync(WorkQueue.Delivery, 10, default));
        Assert.Equal(2, (await Spool.StatusAsync(id, default))!.Events!.Count);
    }

    [Fact]
    public async Task A_final_state_is_never_left_again()
    {
        var id = await AcceptAsync("x");
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));
        await Spool.CommitAsync(Final(lease) with { Next = [new NextWork(WorkQueue.Delivery, new WorkDetail(), Start)] });
        lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Delivery, 10, default));

        await Spool.CommitAsync(Deferred(lease, Start));

        Assert.Equal(RecipientState.Delivered, (await Spool.StatusAsync(id, default))!.Recipients[0].State);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public async Task The_content_goes_with_the_last_work_and_the_status_stays(int size)
    {
        var id = await AcceptAsync(new string('x', size));
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));
        Assert.True((await Spool.StatusAsync(id, default))!.HasContent);

        await Spool.CommitAsync(Final(lease));

        Assert.Null(await Spool.OpenContentAsync(id, default));
        Assert.False((await Spool.StatusAsync(id, default))!.HasContent);
    }

    [Fact]
    public async Task The_content_stays_while_another_work_of_the_message_is_left()
    {
        var id = await AcceptAsync("x", Message("a@example.net", "b@example.net"));
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));
        await Spool.CommitAsync(new Transition
        {
            Follows = lease,
            At = Start,
            Next =
            [
                new NextWork(WorkQueue.Delivery, new WorkDetail { Recipients = [0] }, Start),
                new NextWork(WorkQueue.Delivery, new WorkDetail { Recipients = [1] }, Start),
            ],
        });
        var works = await Spool.LeaseAsync(WorkQueue.Delivery, 10, default);

        await Spool.CommitAsync(Final(works[0]));
        Assert.NotNull(await ContentAsync(id));
        await Spool.CommitAsync(Final(works[1]));
        Assert.Null(await Spool.OpenContentAsync(id, default));
    }

    [Fact]
    public async Task Captured_content_is_kept_after_the_last_work()
    {
        var id = await AcceptAsync("x");
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));

        await Spool.CommitAsync(Final(lease) with { KeepContent = true });

        Assert.Equal("x", await ContentAsync(id));
    }

    [Fact]
    public async Task Work_that_is_set_aside_is_leased_no_more_and_the_rest_goes_on()
    {
        var bad = await AcceptAsync("x");
        var good = await AcceptAsync("y");
        var leases = await Spool.LeaseAsync(WorkQueue.Accepted, 10, default);

        await Spool.SetAsideAsync(leases.Single(l => l.Work.Message == bad), Reasons.SpoolCorrupt, "why");
        await Spool.AbandonAsync(leases.Single(l => l.Work.Message == good));

        Assert.Equal(good, Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default)).Work.Message);
        var e = (await Spool.StatusAsync(bad, default))!.Events![^1];
        Assert.Equal((StatusEvents.SetAside, Reasons.SpoolCorrupt, "why"), (e.Kind, e.Reason, e.Detail));
        Assert.Equal("x", await ContentAsync(bad));
    }

    [Fact]
    public async Task A_search_finds_by_time_state_sender_and_recipient_newest_first()
    {
        var first = await AcceptAsync("x", Message("A@Example.net"));
        Time.Advance(TimeSpan.FromSeconds(1));
        var second = await AcceptAsync("x", Message("b@example.net") with
        {
            Envelope = new Envelope { ReversePath = ReversePath.Null, Recipients = [Path("b@example.net")] },
        });
        var lease = (await Spool.LeaseAsync(WorkQueue.Accepted, 10, default)).Single(l => l.Work.Message == first);
        await Spool.CommitAsync(Final(lease));

        Assert.Equal([second, first], await FindAsync(new StatusQuery()));
        Assert.Equal([second], await FindAsync(new StatusQuery { Since = Start.AddSeconds(1) }));
        Assert.Equal([first], await FindAsync(new StatusQuery { Until = Start.AddSeconds(1) }));
        Assert.Equal([first], await FindAsync(new StatusQuery { State = RecipientState.Delivered }));
        Assert.Equal([second], await FindAsync(new StatusQuery { State = RecipientState.Queued }));
        Assert.Equal([second], await FindAsync(new StatusQuery { Sender = "" }));
        Assert.Equal([first], await FindAsync(new StatusQuery { Sender = "APP@example.com" }));
        Assert.Equal([first], await FindAsync(new StatusQuery { Recipient = "a@example.net" }));
        Assert.Empty(await FindAsync(new StatusQuery { Recipient = "c@example.net" }));
    }

    [Fact]
    public async Task A_search_is_read_on_by_its_cursor_without_gap_or_repetition()
    {
        List<MessageId> all = [];
        for (var i = 0; i < 7; i++)
        {
            all.Insert(0, await AcceptAsync("x"));
            Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        List<string> found = [];
        string? cursor = null;
        do
        {
            var page = await Spool.SearchAsync(new StatusQuery { Limit = 3, Cursor = cursor }, default);
            Assert.InRange(page.Messages.Count, 1, 3);
            found.AddRange(page.Messages.Select(m => m.Id));
            cursor = page.Cursor;
        }
        while (cursor is not null);

        Assert.Equal(all.Select(id => id.ToString()), found);
    }

    [Fact]
    public async Task A_sweep_removes_what_ended_before_its_time_and_nothing_else()
    {
        var ended = await AcceptAsync("x");
        var open = await AcceptAsync("y");
        var lease = (await Spool.LeaseAsync(WorkQueue.Accepted, 10, default)).Single(l => l.Work.Message == ended);
        await Spool.CommitAsync(Final(lease) with { KeepContent = true });

        Assert.Equal(0, await Spool.SweepAsync(Start, default));
        Assert.Equal(1, await Spool.SweepAsync(Start.AddSeconds(1), default));

        Assert.Null(await Spool.StatusAsync(ended, default));
        Assert.Null(await Spool.OpenContentAsync(ended, default));
        Assert.NotNull(await Spool.StatusAsync(open, default));
    }

    [Fact]
    public async Task An_unknown_id_has_no_status_and_no_content()
    {
        var id = MessageId.New(Start);

        Assert.Null(await Spool.StatusAsync(id, default));
        Assert.Null(await Spool.OpenContentAsync(id, default));
    }

    [Fact]
    public async Task An_open_spool_is_writable() => Assert.Null(await Spool.WhyNotWritableAsync(default));

    [Fact]
    public async Task Many_sessions_at_once_each_get_their_own_message_accepted()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => AcceptAsync($"message {i}"))));

        Assert.Equal(200, ids.Distinct().Count());
        for (var i = 0; i < ids.Length; i++)
        {
            Assert.Equal($"message {i}", await ContentAsync(ids[i]));
        }

        Assert.Equal(200, (await Spool.LeaseAsync(WorkQueue.Accepted, 500, default)).Count);
    }

    private async Task<IEnumerable<MessageId>> FindAsync(StatusQuery query) =>
        (await Spool.SearchAsync(query, default)).Messages.Select(m => MessageId.TryParse(m.Id, out var id) ? id : default);
}
