using System.Text;
using Relay.Checks;
using Relay.Mail;
using Relay.Replies;
using Relay.Spool;
using Relay.Status;
using Relay.Support;

namespace Relay.Tests.Delivery;

/// <summary>What becomes of mail that was not checked in a session.</summary>
public sealed class QueueChecksTests
{
    private static readonly CheckModes Modes = CheckModes.Off
        .With(CheckName.Lists, CheckAction.Reject).With(CheckName.Helo, CheckAction.Quarantine)
        .With(CheckName.Spf, CheckAction.Reject).With(CheckName.Header, CheckAction.Reject);

    private static readonly CheckResult SpfPass = new(CheckName.Spf)
    {
        Authentication = [new AuthenticationResult("spf", "pass") { Properties = [("smtp.mailfrom", "example.com")] }],
    };

    private static readonly CheckResult SpfFail = new(CheckName.Spf)
    {
        Action = CheckAction.Reject,
        Reason = "spf-fail",
        Refusal = new SmtpReply(550, 7, 23, "SPF says no"),
        Authentication = [new AuthenticationResult("spf", "fail") { Properties = [("smtp.mailfrom", "example.com")] }],
    };

    private static readonly CheckResult BadHeader = new(CheckName.Header)
    {
        Action = CheckAction.Reject,
        Reason = "header-fault",
        Refusal = new SmtpReply(550, 6, 0, "No header"),
    };

    [Fact]
    public async Task What_was_found_is_written_before_the_first_attempt()
    {
        await using var relay = new StepHarness();
        var (id, _) = await AcceptAsync(relay, Finding(SpfPass));

        await relay.RunAsync(WorkQueue.Accepted);
        Assert.Empty(relay.Attempts);
        Assert.StartsWith("Authentication-Results: relay.test;\r\n\tspf=pass smtp.mailfrom=example.com\r\nReceived: ", await ContentAsync(relay, id));
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Single(relay.Attempts);
        var status = await relay.StatusAsync(id);
        Assert.Equal(RecipientState.Delivered, Assert.Single(status.Recipients).State);
        Assert.Equal(["accepted", "checked", "delivered"], status.Events!.Select(e => e.Kind));
    }

    [Fact]
    public async Task A_member_whose_mail_has_no_fault_waits_for_nothing()
    {
        await using var relay = new StepHarness();
        var (_, header) = await AcceptAsync(relay, Finding(new CheckResult(CheckName.Header), CheckStage.Content), isMember: true);

        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Equal(1, header.Runs);
        Assert.Single(relay.Attempts);
    }

    [Fact]
    public async Task Nobody_is_told_of_a_refusal_when_the_sender_may_be_forged()
    {
        await using var relay = new StepHarness();
        var (id, _) = await AcceptAsync(relay, Finding(SpfFail));

        await relay.RunAsync(WorkQueue.Accepted);

        var status = await relay.StatusAsync(id);
        var recipient = Assert.Single(status.Recipients);
        Assert.Equal((RecipientState.Rejected, "spf-fail", "550 5.7.23 SPF says no"), (recipient.State, recipient.Reason, recipient.Reply));
        Assert.Contains(status.Events!, e => e.Kind == StatusEvents.NotNotified);
        Assert.Empty(await relay.PeekAsync(WorkQueue.Notify));
        Assert.False(status.HasContent);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_sender_who_is_known_to_be_real_is_told(bool isMember)
    {
        await using var relay = new StepHarness();
        await AcceptAsync(relay, Finding(SpfPass), Finding(BadHeader, CheckStage.Content), isMember);

        await relay.RunAsync(WorkQueue.Accepted);

        var report = Assert.Single(await relay.PeekAsync(WorkQueue.Notify));
        Assert.Equal("header-fault", Assert.Single(report.Work.Detail.Reports!).Reason);
    }

    [Fact]
    public async Task What_is_quarantined_is_kept_and_goes_nowhere()
    {
        await using var relay = new StepHarness();
        var (id, _) = await AcceptAsync(relay, Finding(new CheckResult(CheckName.Helo)
        {
            Action = CheckAction.Reject,
            Reason = "helo-own-name",
            Refusal = new SmtpReply(550, 7, 1, "no"),
        }));

        await relay.RunAsync(WorkQueue.Accepted);

        var status = await relay.StatusAsync(id);
        Assert.Equal((RecipientState.Quarantined, "helo-own-name"), (status.Recipients[0].State, status.Recipients[0].Reason));
        Assert.True(status.HasContent);
        Assert.Empty(relay.Attempts);
        Assert.Empty(await relay.PeekAsync(WorkQueue.Accepted));
    }

    [Fact]
    public async Task A_check_that_keeps_mail_back_and_never_refuses_any_has_no_reply()
    {
        await using var relay = new StepHarness();
        var (id, _) = await AcceptAsync(relay, Finding(new CheckResult(CheckName.Header)
        {
            Action = CheckAction.Quarantine,
            Reason = "filter-quarantine",
            Detail = "private words",
        }, CheckStage.Content));

        await relay.RunAsync(WorkQueue.Accepted);

        var recipient = Assert.Single((await relay.StatusAsync(id)).Recipients);
        Assert.Equal((RecipientState.Quarantined, "filter-quarantine", "private words"), (recipient.State, recipient.Reason, recipient.Reply));
    }

    [Fact]
    public async Task A_recipient_who_is_refused_does_not_keep_the_message_from_the_others()
    {
        await using var relay = new StepHarness();
        var (id, _) = await AcceptAsync(relay, new ScriptedCheck(CheckName.Lists, CheckStage.Rcpt, subject =>
            subject.Recipient!.ToString().StartsWith('a')
                ? BadHeader with { Check = CheckName.Lists, Reason = "recipient-listed" }
                : new CheckResult(CheckName.Lists)), "a@example.net", "b@example.net");

        await relay.RunAsync(WorkQueue.Accepted);
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Equal("b@example.net", Assert.Single(Assert.Single(relay.Attempts).Recipients).ToString());
        var status = await relay.StatusAsync(id);
        Assert.Equal([RecipientState.Rejected, RecipientState.Delivered], status.Recipients.Select(r => r.State));
    }

    [Fact]
    public async Task A_temporary_refusal_lets_the_message_wait_and_it_is_checked_again()
    {
        await using var relay = new StepHarness();
        var later = BadHeader with { Reason = "filter-later", Refusal = new SmtpReply(451, 7, 1, "Later") };
        var (id, filter) = await AcceptAsync(relay, Finding(later, CheckStage.Content), isMember: true);

        await relay.RunAsync(WorkQueue.Accepted);
        Assert.Equal(RecipientState.Deferred, (await relay.StatusAsync(id)).Recipients[0].State);
        filter.Result = new CheckResult(CheckName.Header);
        relay.Time.Advance(TimeSpan.FromHours(1));
        await relay.RunAsync(WorkQueue.Delivery);
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Equal(2, filter.Runs);
        Assert.Equal(RecipientState.Delivered, (await relay.StatusAsync(id)).Recipients[0].State);
    }

    [Fact]
    public async Task What_waits_for_a_filter_gets_its_fields_once_and_a_forged_sender_hears_nothing_when_it_is_too_old()
    {
        await using var relay = new StepHarness();
        var later = BadHeader with { Refusal = new SmtpReply(451, 7, 1, "Later"), Fields = ["X-Found: something\r\n"] };
        var (id, filter) = await AcceptAsync(relay, Finding(later, CheckStage.Content));
        await relay.RunAsync(WorkQueue.Accepted);

        relay.Time.Advance(TimeSpan.FromHours(1));
        await relay.RunAsync(WorkQueue.Delivery);
        await relay.RunAsync(WorkQueue.Accepted);
        Assert.StartsWith("Received: ", await ContentAsync(relay, id));
        relay.Time.Advance(relay.Options.Retry.MaxAge);
        await relay.RunAsync(WorkQueue.Delivery);
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Equal(3, filter.Runs);
        Assert.Equal(RecipientState.Expired, (await relay.StatusAsync(id)).Recipients[0].State);
        Assert.Empty(await relay.PeekAsync(WorkQueue.Notify));
    }

    [Fact]
    public async Task A_recipient_whose_mail_is_kept_back_is_so_from_the_queue_too()
    {
        await using var relay = new StepHarness();
        var (id, _) = await AcceptAsync(relay, new ScriptedCheck(CheckName.Helo, CheckStage.Rcpt, subject =>
            subject.Recipient!.ToString().StartsWith('a') ? BadHeader with { Check = CheckName.Helo } : new CheckResult(CheckName.Helo)),
            "a@example.net", "b@example.net");

        await relay.RunAsync(WorkQueue.Accepted);
        await relay.RunAsync(WorkQueue.Accepted);

        var status = await relay.StatusAsync(id);
        Assert.Equal([RecipientState.Quarantined, RecipientState.Delivered], status.Recipients.Select(r => r.State));
        Assert.Contains("X-Relay-Checks: header-fault\r\n", await ContentAsync(relay, id));
    }

    [Fact]
    public async Task A_recipient_who_is_refused_stays_so_when_the_message_is_kept_back()
    {
        await using var relay = new StepHarness();
        var (id, _) = await AcceptAsync(relay, new ScriptedCheck(CheckName.Lists, CheckStage.Rcpt, _ => BadHeader with { Check = CheckName.Lists }), "a@example.net");
        relay.Steps = relay.NewSteps(relay.Options,
            new ScriptedCheck(CheckName.Lists, CheckStage.Rcpt, _ => BadHeader with { Check = CheckName.Lists }),
            new ScriptedCheck(CheckName.Helo, CheckStage.Mail, _ => BadHeader with { Check = CheckName.Helo }));

        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Equal(RecipientState.Rejected, (await relay.StatusAsync(id)).Recipients[0].State);
    }

    [Fact]
    public async Task A_check_without_an_answer_keeps_nothing_back()
    {
        await using var relay = new StepHarness();
        var (id, _) = await AcceptAsync(relay, new ScriptedCheck(CheckName.Spf, CheckStage.Mail, _ => throw new InvalidOperationException()), "a@example.net");

        await relay.RunAsync(WorkQueue.Accepted);
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.StartsWith("Authentication-Results: relay.test;\r\n\tspf=temperror\r\n", await ContentAsync(relay, id));
        Assert.Single(relay.Attempts);
    }

    private static Task<(MessageId Id, Counted First)> AcceptAsync(StepHarness relay, Counted first, bool isMember = false) =>
        AcceptAsync(relay, first, null, isMember);

    private static async Task<(MessageId Id, Counted First)> AcceptAsync(StepHarness relay, Counted first, Counted? second, bool isMember)
    {
        ICheck[] checks = second is null ? [first.Check] : [first.Check, second.Check];
        relay.Steps = relay.NewSteps(relay.Options, checks);
        return (await AcceptAsync(relay, ["x@example.net"], isMember), first);
    }

    private static async Task<(MessageId Id, ICheck Check)> AcceptAsync(StepHarness relay, ICheck check, params string[] recipients)
    {
        // Captured: so that the content is there to be looked at.
        relay.Outcome = _ => StepHarness.Ok with { Reason = Reasons.Captured };
        relay.Steps = relay.NewSteps(relay.Options, check);
        return (await AcceptAsync(relay, recipients, isMember: false), check);
    }

    private static Task<MessageId> AcceptAsync(StepHarness relay, string[] recipients, bool isMember) => relay.AcceptAsync(
        "Subject: test\r\n\r\nbody\r\n",
        new Envelope
        {
            ReversePath = new ReversePath(new Mailbox("app", "example.com")),
            Recipients = [.. recipients.Select(r => Mailbox.TryParse(r, out var mailbox) ? new ForwardPath(mailbox) : throw new ArgumentException(r))],
        },
        new IntakeVerdict { Checks = Modes }, isMember);

    private static async Task<string> ContentAsync(StepHarness relay, MessageId id)
    {
        await using var content = await relay.Spool.OpenContentAsync(id, default);
        using var reader = new StreamReader(content!, Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }

    private static Counted Finding(CheckResult result, CheckStage stage = CheckStage.Mail) => new(result, stage);

    /// <summary>A check that says the same until a test changes it, and counts how often it was asked.</summary>
    private sealed class Counted
    {
        public Counted(CheckResult result, CheckStage stage)
        {
            Result = result;
            Check = new ScriptedCheck(result.Check, stage, _ =>
            {
                Runs++;
                return Result;
            });
        }

        public ScriptedCheck Check { get; }

        public CheckResult Result { get; set; }

        public int Runs { get; private set; }
    }
}
