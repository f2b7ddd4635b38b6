using Relay.Checks;
using Relay.Mail;
using Relay.Spool;
using Relay.Status;

namespace Relay.Tests.Spool;

/// <summary>What every engine must do for mail that is checked: what travels with its work, and a head that a transition brings.</summary>
public abstract class CheckedMailContract : SpoolTests
{
    [Fact]
    public async Task The_first_work_says_what_is_still_to_be_checked_and_why_it_goes_nowhere()
    {
        var modes = CheckModes.Off.With(CheckName.Spf, CheckAction.Tag).With(CheckName.Filter, CheckAction.Reject);
        await AcceptAsync("x", Message() with { Checks = modes, Quarantine = new QuarantineReason("some-reason", "some words") });

        var detail = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default)).Work.Detail;

        Assert.Equal(modes, detail.Checks);
        Assert.Equal(new QuarantineReason("some-reason", "some words"), detail.Quarantine);
    }

    [Fact]
    public async Task The_first_work_of_mail_without_checks_says_nothing_of_them()
    {
        await AcceptAsync("x");

        var detail = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default)).Work.Detail;

        Assert.Null(detail.Checks);
        Assert.Null(detail.Quarantine);
    }

    [Fact]
    public async Task Work_says_who_handed_the_message_in()
    {
        var origin = new Origin { Protocol = "ESMTPSA", ClientAddress = "192.0.2.1", Helo = "client", Account = "app", SessionId = "s1", IsMember = true };
        await AcceptAsync("x", Message() with { Origin = origin });

        Assert.Equal(origin, Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default)).Work.Origin);
    }

    [Fact]
    public async Task What_checks_found_stands_in_the_timeline_behind_the_acceptance()
    {
        var found = new StatusEvent { At = Start.AddSeconds(1), Kind = StatusEvents.Checked, Reason = "some-reason", Detail = "some words" };
        var message = Message() with { Events = [found, found with { Detail = "more", Recipient = 0 }] };
        await AcceptAsync("x", message);
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 10, default));
        await Spool.CommitAsync(Final(lease));

        var events = (await Spool.StatusAsync(message.Id, default))!.Events!;

        Assert.Equal(["accepted", "checked", "checked", "delivered"], events.Select(e => e.Kind));
        Assert.Equal([found, found with { Detail = "more", Recipient = 0 }], events.Skip(1).Take(2));
    }

    [Fact]
    public async Task A_message_that_is_accepted_again_gets_no_second_lines_and_no_second_head()
    {
        var message = Message() with { Events = [new StatusEvent { At = Start, Kind = StatusEvents.Checked }] };
        for (var i = 0; i < 2; i++)
        {
            await using var content = await WriteAsync(message.Id, "body"u8.ToArray());
            content.ReplaceHead(0, "head "u8.ToArray());
            await Spool.AcceptAsync(message, content);
        }

        Assert.Equal("head body", await ContentAsync(message.Id));
        Assert.Equal(2, (await Spool.StatusAsync(message.Id, default))!.Events!.Count);
    }

    [Theory]
    [InlineData(0, 0, 10)]
    [InlineData(1, 1, 0)]
    [InlineData(64 * 1024, 0, 2000)]
    [InlineData(64 * 1024, 500, 20)]
    [InlineData((64 * 1024) + 1, 0, 2000)]
    [InlineData((64 * 1024) + 1, 500, 20)]
    [InlineData(5_000_000, 0, 2000)]
    [InlineData(5_000_000, 5_000_000, 5)]
    public async Task A_transition_replaces_the_head_of_the_content(int size, int length, int headSize)
    {
        var (octets, head) = (Octets(size), Octets(headSize));
        var id = await AcceptAsync(octets);

        await CommitHeadAsync(id, length, head);

        Assert.Equal(Join(head, octets, length), await OctetsAsync(id));
        Assert.Equal(size - length + headSize, (await Spool.StatusAsync(id, default))!.Size);
        Assert.Equal(size - length + headSize, Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default)).Work.Size);
    }

    [Theory]
    [InlineData(1000, 0)]
    [InlineData(1000, 3)]
    [InlineData(1000, 5)]
    [InlineData(1000, 6)]
    [InlineData(1000, 995)]
    [InlineData(100_000, 0)]
    [InlineData(100_000, 3)]
    [InlineData(100_000, 5)]
    [InlineData(100_000, 6)]
    [InlineData(100_000, 99_995)]
    public async Task A_transition_replaces_what_is_there_with_the_head_that_it_has_already(int size, int length)
    {
        var octets = Octets(size);
        var message = Message();
        await using (var content = await WriteAsync(message.Id, octets))
        {
            content.ReplaceHead(10, "first"u8.ToArray());
            await Spool.AcceptAsync(message, content);
        }

        await CommitHeadAsync(message.Id, length, "second"u8.ToArray());
        await CommitHeadAsync(message.Id, 2, "third"u8.ToArray());

        byte[] made = [.. "first"u8, .. octets[10..]];
        made = [.. "second"u8, .. made[length..]];
        Assert.Equal(Join("third"u8, made, 2), await OctetsAsync(message.Id));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public async Task A_head_that_is_committed_twice_is_there_once(int size)
    {
        var octets = Octets(size);
        var id = await AcceptAsync(octets);
        var transition = WithHead(Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default)), 0, "head"u8.ToArray());

        Assert.True(await Spool.CommitAsync(transition));
        Assert.False(await Spool.CommitAsync(transition));

        Assert.Equal(Join("head"u8, octets), await OctetsAsync(id));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public async Task A_head_for_more_than_there_is_changes_nothing_and_ends_no_work(int size)
    {
        var octets = Octets(size);
        var id = await AcceptAsync(octets);
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default));

        await Assert.ThrowsAsync<SpoolException>(() => Spool.CommitAsync(WithHead(lease, size + 1, "head"u8.ToArray())));

        Assert.Equal(octets, await OctetsAsync(id));
        Assert.True(await Spool.CommitAsync(WithHead(lease, size, "head"u8.ToArray())));
        Assert.Equal("head", await ContentAsync(id));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public async Task Content_with_a_head_goes_with_the_last_work_and_the_message_with_the_sweep(int size)
    {
        var id = await AcceptAsync(Octets(size));
        await CommitHeadAsync(id, 0, "head"u8.ToArray());

        await Spool.CommitAsync(Final(Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default))));

        Assert.Null(await Spool.OpenContentAsync(id, default));
        Assert.Equal(1, await Spool.SweepAsync(Start.AddDays(1), default));
    }

    private static Transition WithHead(Lease lease, int length, byte[] head) => new()
    {
        Follows = lease,
        At = Start,
        Head = new ContentHead(length, head),
        Next = [new NextWork(WorkQueue.Accepted, lease.Work.Detail, Start)],
    };

    private async Task<MessageId> AcceptAsync(byte[] octets)
    {
        var message = Message();
        await using var content = await WriteAsync(message.Id, octets);
        await Spool.AcceptAsync(message, content);
        return message.Id;
    }

    private async Task CommitHeadAsync(MessageId id, int length, byte[] head)
    {
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default));
        Assert.Equal(id, lease.Work.Message);
        Assert.True(await Spool.CommitAsync(WithHead(lease, length, head)));
    }
}
