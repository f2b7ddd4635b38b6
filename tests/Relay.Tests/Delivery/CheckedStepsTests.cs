using System.Buffers;
using Relay.Checks;
using Relay.Mail;
using Relay.Replies;
using Relay.Spool;
using Relay.Status;
using Relay.Telemetry;
using Relay.Transport;

namespace Relay.Tests.Delivery;

/// <summary>What becomes of mail that checks keep or refuse after its acceptance.</summary>
public sealed class CheckedStepsTests
{
    private static readonly RecipientOutcome Refused = new(OutcomeKind.Rejected, "some-reason", null, new SmtpReply(550, 7, 1, "Not wanted"))
    {
        Detail = "private words",
        IsSenderReal = false,
    };

    [Fact]
    public async Task Quarantined_mail_is_kept_goes_nowhere_and_nobody_is_told()
    {
        await using var relay = new StepHarness();
        var id = await AcceptAsync(relay, new IntakeVerdict { Quarantine = new QuarantineReason("some-reason", "private words") });

        await relay.RunAsync(WorkQueue.Accepted);

        var status = await relay.StatusAsync(id);
        Assert.All(status.Recipients, r => Assert.Equal(
            (RecipientState.Quarantined, "some-reason", "private words", 0, null, null),
            (r.State, r.Reason, r.Reply, r.Attempts, r.Route, r.NextAttemptAt)));
        Assert.Equal(["accepted", "quarantined", "quarantined"], status.Events!.Select(e => e.Kind));
        Assert.True(status.HasContent);
        Assert.Empty(relay.Attempts);
        Assert.Empty(await relay.PeekAsync(WorkQueue.Notify));
        Assert.Empty(await relay.PeekAsync(WorkQueue.Delivery));
        Assert.Equal(1, await relay.Spool.SweepAsync(StepHarness.Start.AddDays(1), default));
    }

    [Fact]
    public async Task A_fault_of_our_own_lets_nothing_past_the_checks_or_the_quarantine()
    {
        await using var relay = new StepHarness();
        var verdict = new IntakeVerdict { Checks = CheckModes.Default, Quarantine = new QuarantineReason("some-reason", "words") };
        var id = await AcceptAsync(relay, verdict);
        var lease = Assert.Single(await relay.Spool.LeaseAsync(WorkQueue.Accepted, 1, default));
        await relay.Spool.CommitAsync(relay.Steps.Failed(lease)!);
        relay.Time.Advance(TimeSpan.FromMinutes(1));
        await relay.RunAsync(WorkQueue.Delivery);

        Assert.Equal(CheckModes.Default, Assert.Single(await relay.PeekAsync(WorkQueue.Accepted)).Work.Detail.Checks);
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Empty(relay.Attempts);
        Assert.All((await relay.StatusAsync(id)).Recipients, r => Assert.Equal((RecipientState.Quarantined, 1), (r.State, r.Attempts)));
    }

    [Fact]
    public async Task What_has_passed_its_checks_is_not_checked_again()
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Defer };
        await AcceptAsync(relay, new IntakeVerdict { Checks = CheckModes.Default });

        await relay.RunAsync(WorkQueue.Accepted);

        relay.Time.Advance(TimeSpan.FromHours(1));
        Assert.All(await relay.PeekAsync(WorkQueue.Delivery), lease => Assert.Null(lease.Work.Detail.Checks));
    }

    [Fact]
    public async Task A_real_sender_is_told_of_a_rejection_and_not_of_its_private_cause()
    {
        await using var relay = new StepHarness { Outcome = _ => Refused with { IsSenderReal = true } };
        var id = await relay.AcceptAsync("a@example.net", "b@example.net");

        await relay.RunAsync(WorkQueue.Accepted);
        Assert.Single(await relay.PeekAsync(WorkQueue.Notify));
        await relay.RunAsync(WorkQueue.Notify);

        var status = await relay.StatusAsync(id);
        Assert.All(status.Recipients, r => Assert.Equal((RecipientState.Rejected, "some-reason", "private words"), (r.State, r.Reason, r.Reply)));
        Assert.Equal(["accepted", "rejected", "rejected", "notified", "notified"], status.Events!.Select(e => e.Kind));
        Assert.False(status.HasContent);
        var dsn = Assert.Single(await relay.PeekAsync(WorkQueue.Accepted)).Work;
        using var reader = new StreamReader((await relay.Spool.OpenContentAsync(dsn.Message, default))!);
        var text = await reader.ReadToEndAsync();
        Assert.Contains("Action: failed\r\nStatus: 5.7.1\r\n", text);
        Assert.Contains("550 5.7.1 Not wanted", text);
        Assert.DoesNotContain("private", text);
        Assert.True(dsn.Origin.IsMember);
    }

    [Fact]
    public async Task A_sender_that_may_be_forged_is_not_told_of_a_rejection_and_the_timeline_says_why()
    {
        await using var relay = new StepHarness { Outcome = _ => Refused };
        var id = await relay.AcceptAsync("a@example.net", "b@example.net");

        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Empty(await relay.PeekAsync(WorkQueue.Notify));
        var status = await relay.StatusAsync(id);
        Assert.All(status.Recipients, r => Assert.Equal(RecipientState.Rejected, r.State));
        Assert.StartsWith("the sender may be forged", Assert.Single(status.Events!, e => e.Kind == StatusEvents.NotNotified).Detail);
        Assert.False(status.HasContent);
    }

    [Fact]
    public async Task Of_mail_from_the_null_reverse_path_that_is_the_reason()
    {
        await using var relay = new StepHarness { Outcome = _ => Refused };
        var id = await relay.AcceptAsync("Subject: dsn\r\n\r\n", ReversePath.Null, "a@example.net");

        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Equal("the reverse-path is null", (await relay.StatusAsync(id)).Events![^1].Detail);
    }

    [Fact]
    public async Task Both_are_logged_with_their_cause()
    {
        await using var relay = new StepHarness { Outcome = _ => Refused };
        var rejected = await relay.AcceptAsync("a@example.net");
        var kept = await AcceptAsync(relay, new IntakeVerdict { Quarantine = new QuarantineReason("some-reason", "private words") });

        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Equal(
            [(EventIds.RecipientRejected, $"{rejected} rejected: to=<a@example.net> age=0.000s some-reason: private words")],
            Logged(EventIds.RecipientRejected));
        Assert.Equal(
            [
                (EventIds.RecipientQuarantined, $"{kept} quarantined: to=<a@example.net> age=0.000s some-reason: private words"),
                (EventIds.RecipientQuarantined, $"{kept} quarantined: to=<b@example.net> age=0.000s some-reason: private words"),
            ],
            Logged(EventIds.RecipientQuarantined));

        IEnumerable<(int, string)> Logged(int id) => relay.Log.Lines.Where(line => line.Event == id).Select(line => (line.Event, line.Text));
    }

    private static async Task<MessageId> AcceptAsync(StepHarness relay, IntakeVerdict verdict)
    {
        var envelope = new Envelope
        {
            ReversePath = new ReversePath(new Mailbox("app", "example.com")),
            Recipients = [new ForwardPath(new Mailbox("a", "example.net")), new ForwardPath(new Mailbox("b", "example.net"))],
        };
        await using var message = relay.Intake.Begin(envelope, new Origin { Protocol = "ESMTP" });
        message.Write("Subject: test\r\n\r\nbody\r\n"u8);
        return (await message.CompleteAsync(verdict)).Accepted!.Value;
    }
}
