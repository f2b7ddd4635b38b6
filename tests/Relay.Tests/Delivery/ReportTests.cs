using System.Text;
using Relay.Delivery;
using Relay.Mail;
using Relay.Replies;
using Relay.Routing;
using Relay.Spool;
using Relay.Status;
using Relay.Transport;

namespace Relay.Tests.Delivery;

/// <summary>What comes back after a remote host took a message: the way from the mail to the status, and to the sender.</summary>
public sealed class ReportTests
{
    private static readonly RecipientOutcome Submitted = new(OutcomeKind.Submitted, Reasons.Submitted, null, new SmtpReply(250, 0, 0, "Submitted"))
    {
        Operation = new PendingOperation("op", StepHarness.Start),
        RetryAt = StepHarness.Start.AddMinutes(1),
    };

    private static readonly RemoteReport Failed = new()
    {
        Action = DsnAction.Failed,
        Recipient = 0,
        Status = "5.1.1",
        RemoteHost = "mx.far.test",
        Reply = "550 5.1.1 No such user",
        Source = RemoteReport.FromAcs,
        At = StepHarness.Start.AddMinutes(10),
    };

    private static readonly Route ByService = new() { Name = "service", Kind = RouteKind.Acs, Recipients = ["*"] };

    [Fact]
    public async Task A_bounce_that_comes_back_finds_its_message_and_the_sender_is_told()
    {
        await using var relay = new StepHarness();
        var id = await DeliveredAsync(relay, "a@example.net", "b@example.net");
        relay.Time.Advance(TimeSpan.FromMinutes(10));

        var bounce = await ComeBackAsync(relay, relay.Verp.Of(id, 1), Dsn("failed", "b@example.net"));
        await relay.RunAsync(WorkQueue.Report);

        var status = await relay.StatusAsync(id);
        Assert.Equal(RecipientState.Delivered, status.Recipients[0].State);
        var recipient = status.Recipients[1];
        Assert.Equal((RecipientState.Bounced, Reasons.Returned, "mx.far.test", "550 5.1.1 No such user"),
            (recipient.State, recipient.Reason, recipient.RemoteHost, recipient.Reply));
        Assert.Equal(["bounced", "reported"], status.Events!.Skip(3).Select(e => e.Kind));
        Assert.Contains("failed (dsn, Mon, 23 Nov 2026 12:10:00 +0000): 5.1.1 550 5.1.1 No such user", status.Events![^1].Detail);

        var ofBounce = await relay.StatusAsync(bounce);
        Assert.Equal((RecipientState.Delivered, Reasons.ReportRead, "bounces", $"about {id}"),
            (ofBounce.Recipients[0].State, ofBounce.Recipients[0].Reason, ofBounce.Recipients[0].Route, ofBounce.Recipients[0].Reply));
        Assert.False(ofBounce.HasContent);

        relay.Time.Advance(Outcomes.JoinTime);
        var notice = Assert.Single(await relay.NoticesAsync());
        Assert.Equal("app@example.com", Assert.Single(notice.Message.To.Mailboxes).Address);
        Assert.Equal(["rfc822; b@example.net failed"], notice.Recipients);
        Assert.Equal(("dns; mx.far.test", "5.1.1"), (notice.Fields[1]["Remote-MTA"], notice.Fields[1]["Status"]));
        Assert.Equal(2, relay.Attempts.Count + 1);
    }

    [Fact]
    public async Task Told_twice_changes_nothing_and_tells_nobody_again()
    {
        await using var relay = new StepHarness();
        var id = await DeliveredAsync(relay, "a@example.net");
        Assert.True(await relay.Spool.ReportAsync(id, Failed));
        Assert.True(await relay.Spool.ReportAsync(id, Failed));
        var leases = await relay.Spool.LeaseAsync(WorkQueue.Report, 10, default);
        Assert.Equal(2, leases.Count);

        // Both have looked at the status before either has committed.
        var decided = new[] { await relay.Steps.RunAsync(leases[0], default), await relay.Steps.RunAsync(leases[1], default) };
        foreach (var transition in decided)
        {
            Assert.True(await relay.Spool.CommitAsync(transition));
        }

        Assert.True(await relay.Spool.ReportAsync(id, Failed));
        await relay.RunAsync(WorkQueue.Report);
        Assert.Single(await relay.NoticesAsync());
        var status = await relay.StatusAsync(id);
        Assert.Equal(["accepted", "delivered", "bounced", "reported", "notified"], status.Events!.Select(e => e.Kind));
    }

    [Fact]
    public async Task Several_recipients_of_one_report_are_told_of_in_one_notice()
    {
        await using var relay = new StepHarness();
        var id = await DeliveredAsync(relay, "a@example.net", "b@example.net", "c@example.net");

        await ComeBackAsync(relay, relay.Verp.Of(id, null), Dsn("failed", "a@example.net", "C@Example.net", "stranger@example.net"));
        await relay.RunAsync(WorkQueue.Report);
        relay.Time.Advance(Outcomes.JoinTime);

        Assert.Equal(["rfc822; a@example.net failed", "rfc822; c@example.net failed"], Assert.Single(await relay.NoticesAsync()).Recipients);
        var status = await relay.StatusAsync(id);
        Assert.All(status.Recipients, r => Assert.Equal(RecipientState.Delivered, r.State));
        var stranger = Assert.Single(status.Events!, e => e.Kind == StatusEvents.Reported && e.Recipient is null);
        Assert.Contains("failed for stranger@example.net, no recipient of this message", stranger.Detail);
    }

    [Fact]
    public async Task A_return_path_that_several_have_seen_changes_no_status_and_the_sender_is_told_once()
    {
        await using var relay = new StepHarness();
        var id = await DeliveredAsync(relay, "a@example.net", "b@example.net");

        await ComeBackAsync(relay, relay.Verp.Of(id, null), Dsn("failed", "b@example.net"));
        await relay.RunAsync(WorkQueue.Report);
        relay.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["rfc822; b@example.net failed"], Assert.Single(await relay.NoticesAsync()).Recipients);

        await ComeBackAsync(relay, relay.Verp.Of(id, null), Dsn("failed", "b@example.net"));
        await relay.RunAsync(WorkQueue.Report);
        relay.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(await relay.NoticesAsync());

        var status = await relay.StatusAsync(id);
        Assert.All(status.Recipients, r => Assert.Equal(RecipientState.Delivered, r.State));
        Assert.Equal(2, status.Events!.Count(e => e is { Kind: StatusEvents.Reported, Recipient: 1, Reason: Reasons.Returned }));
    }

    [Fact]
    public async Task A_return_path_for_one_recipient_is_believed_whatever_address_the_report_names()
    {
        await using var relay = new StepHarness();
        var id = await DeliveredAsync(relay, "a@example.net", "b@example.net");

        await ComeBackAsync(relay, relay.Verp.Of(id, 0), Dsn("delayed", "x@elsewhere.test") + "", Dsn("failed", "b@example.net"));
        await relay.RunAsync(WorkQueue.Report);

        Assert.Equal([RecipientState.Bounced, RecipientState.Delivered], (await relay.StatusAsync(id)).Recipients.Select(r => r.State));
    }

    [Theory]
    [InlineData(DsnNotify.Never, "failed", RecipientState.Bounced, false)]
    [InlineData(DsnNotify.Success, "failed", RecipientState.Bounced, false)]
    [InlineData(DsnNotify.Failure, "failed", RecipientState.Bounced, true)]
    [InlineData(DsnNotify.None, "delivered", RecipientState.Delivered, false)]
    [InlineData(DsnNotify.Success, "delivered", RecipientState.Delivered, true)]
    [InlineData(DsnNotify.Success, "relayed", RecipientState.Delivered, true)]
    [InlineData(DsnNotify.Success, "expanded", RecipientState.Delivered, true)]
    [InlineData(DsnNotify.None, "delayed", RecipientState.Delivered, false)]
    [InlineData(DsnNotify.Delay, "delayed", RecipientState.Delivered, false)]
    public async Task The_sender_is_told_what_he_asked_for(DsnNotify notify, string action, RecipientState state, bool told)
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Ok with { DsnHandedOn = true } };
        var id = await relay.AcceptAsync("Subject: x\r\n\r\n", new Envelope
        {
            ReversePath = new ReversePath(new Mailbox("app", "example.com")),
            Recipients = [new ForwardPath(new Mailbox("a", "example.net")) { Notify = notify }],
        });
        await relay.RunAsync(WorkQueue.Accepted);

        await ComeBackAsync(relay, relay.Verp.Of(id, 0), Dsn(action, "a@example.net"));
        await relay.RunAsync(WorkQueue.Report);

        var status = await relay.StatusAsync(id);
        Assert.Equal(state, status.Recipients[0].State);
        Assert.Single(status.Events!, e => e.Kind == StatusEvents.Reported);
        Assert.Equal(told ? [$"rfc822; a@example.net {action}"] : [], (await relay.NoticesAsync()).SelectMany(n => n.Recipients));

        // Another one, a little later, is not told again.
        relay.Time.Advance(TimeSpan.FromMinutes(1));
        await ComeBackAsync(relay, relay.Verp.Of(id, 0), Dsn(action, "a@example.net"));
        await relay.RunAllAsync(WorkQueue.Report);
        Assert.Empty(await relay.NoticesAsync());
        Assert.Equal(action == "failed" && !told, status.Events!.Any(e => e.Kind == StatusEvents.NotNotified));
    }

    [Fact]
    public async Task Nobody_is_told_of_what_comes_back_of_mail_from_the_null_reverse_path()
    {
        await using var relay = new StepHarness();
        var id = await relay.AcceptAsync("Subject: x\r\n\r\n", ReversePath.Null, "a@example.net");
        await relay.RunAsync(WorkQueue.Accepted);
        await relay.Spool.ReportAsync(id, Failed);

        await relay.RunAsync(WorkQueue.Report);

        Assert.Empty(await relay.PeekAsync(WorkQueue.Notify));
        Assert.Equal(RecipientState.Bounced, (await relay.StatusAsync(id)).Recipients[0].State);
    }

    [Theory]
    [InlineData("Subject: I am away\r\nAuto-Submitted: auto-replied\r\n\r\nUntil Monday.\r\n", "a@example.net")]
    [InlineData("Subject: failure notice\r\n\r\nno such user: a@example.net\r\n", "")]
    [InlineData(null, "mailer-daemon@far.test")]
    public async Task What_is_no_report_changes_no_status_and_is_kept_to_be_read(string? text, string from)
    {
        await using var relay = new StepHarness();
        var id = await DeliveredAsync(relay, "a@example.net");
        var sender = from.Length == 0 ? ReversePath.Null : Mailbox.TryParse(from, out var mailbox) ? new ReversePath(mailbox) : throw new ArgumentException(from);

        var reply = await ComeBackAsync(relay, relay.Verp.Of(id, 0), sender, text ?? Dsn("failed", "a@example.net"));
        await relay.RunAsync(WorkQueue.Report);

        var status = await relay.StatusAsync(id);
        Assert.Equal(RecipientState.Delivered, status.Recipients[0].State);
        Assert.Contains($"{reply} came back from <{from}> and is no report", status.Events![^1].Detail);
        Assert.Empty(await relay.PeekAsync(WorkQueue.Notify));
        var kept = await relay.StatusAsync(reply);
        Assert.Equal((RecipientState.Delivered, Reasons.NoReport), (kept.Recipients[0].State, kept.Recipients[0].Reason));
        Assert.True(kept.HasContent);
        Assert.DoesNotContain(relay.Attempts, a => a.Message == reply);
    }

    [Fact]
    public async Task Of_what_is_no_report_only_so_much_is_kept()
    {
        await using var relay = new StepHarness();
        var id = await DeliveredAsync(relay, "a@example.net");
        List<string?> reasons = [];
        for (var n = 0; n < ReturnedMail.MaxKept + 2; n++)
        {
            var size = n == 0 ? ReturnedMail.MaxKeptSize + 1 : 10;
            var mail = await ComeBackAsync(relay, relay.Verp.Of(id, 0), ReversePath.Null, "Subject: x\r\n\r\n" + new string('x', size));
            await relay.RunAllAsync(WorkQueue.Report);
            var status = await relay.StatusAsync(mail);
            reasons.Add(status.Recipients[0].Reason);
            Assert.Equal(reasons[^1] == Reasons.NoReport, status.HasContent);
        }

        Assert.Equal([Reasons.Discarded, .. Enumerable.Repeat(Reasons.NoReport, ReturnedMail.MaxKept), Reasons.Discarded], reasons);
    }

    [Fact]
    public async Task A_return_path_that_we_have_not_made_is_mail_like_any_other()
    {
        await using var relay = new StepHarness();
        var id = await DeliveredAsync(relay, "a@example.net");
        var real = relay.Verp.Of(id, 0);
        var forged = real with { LocalPart = real.LocalPart[..^1] + (real.LocalPart[^1] == 'a' ? 'b' : 'a') };

        var mail = await ComeBackAsync(relay, forged, Dsn("failed", "a@example.net"));

        Assert.Empty(await relay.PeekAsync(WorkQueue.Report));
        Assert.Equal("mx", (await relay.StatusAsync(mail)).Recipients[0].Route);
    }

    [Fact]
    public async Task Beside_other_recipients_a_return_path_goes_its_own_way()
    {
        await using var relay = new StepHarness();
        var id = await DeliveredAsync(relay, "a@example.net");

        var mail = await relay.AcceptAsync(Dsn("failed", "a@example.net"), ReversePath.Null, relay.Verp.Of(id, 0).ToString(), "postmaster@example.net");
        await relay.RunAsync(WorkQueue.Accepted);
        await relay.RunAsync(WorkQueue.Delivery);
        await relay.RunAsync(WorkQueue.Report);

        Assert.Equal(RecipientState.Bounced, (await relay.StatusAsync(id)).Recipients[0].State);
        Assert.Equal(["bounces", "mx"], (await relay.StatusAsync(mail)).Recipients.Select(r => r.Route!));
    }

    [Fact]
    public async Task A_report_of_a_message_that_is_not_known_any_more_is_read_and_that_is_all()
    {
        await using var relay = new StepHarness();

        var bounce = await ComeBackAsync(relay, relay.Verp.Of(MessageId.New(StepHarness.Start), 0), Dsn("failed", "a@example.net"));

        Assert.Contains("no longer known", (await relay.StatusAsync(bounce)).Recipients[0].Reply);
        Assert.Empty(await relay.PeekAsync(WorkQueue.Report));
    }

    [Theory]
    [InlineData(DsnAction.Delivered, RecipientState.Delivered, Reasons.Delivered)]
    [InlineData(DsnAction.Failed, RecipientState.Bounced, Reasons.Returned)]
    public async Task What_was_submitted_ends_by_a_report_and_is_asked_for_no_more(DsnAction action, RecipientState state, string reason)
    {
        await using var relay = new StepHarness(ByService) { Outcome = _ => Submitted };
        var id = await DeliveredAsync(relay, "a@example.net", "b@example.net");
        await relay.Spool.ReportAsync(id, Failed with { Action = action, Recipient = null, Address = "b@example.net" });

        await relay.RunAsync(WorkQueue.Report);

        Assert.Equal([RecipientState.Queued, state], (await relay.StatusAsync(id)).Recipients.Select(r => r.State));
        Assert.Equal(reason, (await relay.StatusAsync(id)).Recipients[1].Reason);
        relay.Time.Advance(TimeSpan.FromMinutes(1));
        relay.Outcome = _ => StepHarness.Ok;
        await relay.RunAsync(WorkQueue.Delivery);
        Assert.Equal(["a@example.net"], relay.Attempts[^1].Recipients.Select(r => r.ToString()));

        await relay.Spool.ReportAsync(id, Failed with { Action = DsnAction.Delivered });
        await relay.RunAsync(WorkQueue.Report);
        Assert.Equal([RecipientState.Delivered, state], (await relay.StatusAsync(id)).Recipients.Select(r => r.State));
    }

    [Fact]
    public async Task When_a_report_ended_all_that_was_submitted_no_attempt_is_made()
    {
        await using var relay = new StepHarness(ByService) { Outcome = _ => Submitted };
        var id = await DeliveredAsync(relay, "a@example.net");
        await relay.Spool.ReportAsync(id, Failed with { Action = DsnAction.Delivered });
        await relay.RunAsync(WorkQueue.Report);
        relay.Time.Advance(TimeSpan.FromMinutes(1));

        await relay.RunAsync(WorkQueue.Delivery);

        Assert.Single(relay.Attempts);
        Assert.False((await relay.StatusAsync(id)).HasContent);
    }

    [Fact]
    public async Task A_failure_told_of_what_is_still_tried_is_a_line_and_no_more()
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Defer };
        var id = await DeliveredAsync(relay, "a@example.net");
        await relay.Spool.ReportAsync(id, Failed);

        await relay.RunAsync(WorkQueue.Report);

        Assert.Equal(RecipientState.Deferred, (await relay.StatusAsync(id)).Recipients[0].State);
        Assert.Equal("reported", (await relay.StatusAsync(id)).Events![^1].Kind);
    }

    [Fact]
    public async Task A_report_that_is_there_before_the_submission_is_known_waits_for_it()
    {
        await using var relay = new StepHarness(ByService) { Outcome = _ => StepHarness.Defer };
        var id = await DeliveredAsync(relay, "a@example.net");
        await relay.Spool.ReportAsync(id, Failed);
        await relay.RunAsync(WorkQueue.Report);
        Assert.Equal(RecipientState.Deferred, (await relay.StatusAsync(id)).Recipients[0].State);

        relay.Outcome = _ => Submitted;
        relay.Time.Advance(TimeSpan.FromHours(1));
        await relay.RunAsync(WorkQueue.Delivery);
        Assert.Equal(RecipientState.Queued, (await relay.StatusAsync(id)).Recipients[0].State);
        await relay.RunAsync(WorkQueue.Report);

        Assert.Equal((RecipientState.Bounced, Reasons.Returned),
            ((await relay.StatusAsync(id)).Recipients[0].State, (await relay.StatusAsync(id)).Recipients[0].Reason));
    }

    [Fact]
    public async Task A_flood_of_reports_does_not_fill_the_timeline()
    {
        await using var relay = new StepHarness();
        var id = await DeliveredAsync(relay, "a@example.net");
        for (var n = 0; n < Report.MaxEvents + 50; n++)
        {
            await relay.Spool.ReportAsync(id, Failed with { Action = DsnAction.Delayed, Reply = $"{n}" });
            await relay.RunAsync(WorkQueue.Report);
        }

        Assert.Equal(Report.MaxEvents, (await relay.StatusAsync(id)).Events!.Count);
        await relay.Spool.ReportAsync(id, Failed);
        await relay.RunAsync(WorkQueue.Report);
        Assert.Equal(RecipientState.Bounced, (await relay.StatusAsync(id)).Recipients[0].State);
    }

    [Fact]
    public async Task A_step_that_fails_comes_again_until_the_report_is_as_old_as_mail_may_be()
    {
        await using var relay = new StepHarness();
        var id = await DeliveredAsync(relay, "a@example.net");
        relay.Time.Advance(TimeSpan.FromDays(20));
        await relay.Spool.ReportAsync(id, Failed with { At = relay.Time.GetUtcNow() });
        var lease = Assert.Single(await relay.Spool.LeaseAsync(WorkQueue.Report, 1, default));

        var again = Assert.Single(relay.Steps.Failed(lease)!.Next);
        Assert.Equal((WorkQueue.Report, 1, relay.Time.GetUtcNow().AddMinutes(1)), (again.Queue, again.Detail.Attempt, again.DueAt));
        relay.Time.Advance(TimeSpan.FromDays(5));
        Assert.Null(relay.Steps.Failed(lease));
    }

    [Fact]
    public async Task Whoever_asks_hears_of_each_failure_that_is_new()
    {
        await using var relay = new StepHarness();
        var id = await DeliveredAsync(relay, "a@example.net");
        List<string> heard = [];
        var parts = relay.PartsOf(relay.Options);
        var step = new Report(parts, new Relay.Delivery.Delivery(parts), (work, index, report) =>
        {
            heard.Add($"{work.Envelope.Recipients[index]} {report.Status}");
            return Task.CompletedTask;
        });
        foreach (var report in new[] { Failed with { Action = DsnAction.Delayed }, Failed, Failed with { Reply = "other words" } })
        {
            await relay.Spool.ReportAsync(id, report);
            var lease = Assert.Single(await relay.Spool.LeaseAsync(WorkQueue.Report, 1, default));
            await relay.Spool.CommitAsync(await step.RunAsync(lease, default));
        }

        Assert.Equal(["a@example.net 5.1.1"], heard);
    }

    private static async Task<MessageId> DeliveredAsync(StepHarness relay, params string[] recipients)
    {
        var id = await relay.AcceptAsync(recipients);
        await relay.RunAsync(WorkQueue.Accepted);
        return id;
    }

    private static Task<MessageId> ComeBackAsync(StepHarness relay, Mailbox to, params string[] reports) =>
        ComeBackAsync(relay, to, ReversePath.Null, reports.Length == 1 ? reports[0] : Joined(reports));

    private static async Task<MessageId> ComeBackAsync(StepHarness relay, Mailbox to, ReversePath from, string text)
    {
        var id = await relay.AcceptAsync(text, from, to.ToString());
        await relay.RunAsync(WorkQueue.Accepted);
        return id;
    }

    /// <summary>The groups of the second report in the first one.</summary>
    private static string Joined(string[] reports)
    {
        var groups = reports[1][reports[1].IndexOf("Final-Recipient", StringComparison.Ordinal)..];
        return reports[0][..reports[0].IndexOf("\r\n--b--", StringComparison.Ordinal)] + "\r\n" + groups;
    }

    private static string Dsn(string action, params string[] recipients)
    {
        var text = new StringBuilder("""
            From: MAILER-DAEMON@far.test
            Subject: Undelivered
            Content-Type: multipart/report; report-type=delivery-status; boundary=b

            --b

            Words.
            --b
            Content-Type: message/delivery-status

            Reporting-MTA: dns; mx.far.test

            """);
        foreach (var recipient in recipients)
        {
            text.Append($"""

                Final-Recipient: rfc822; {recipient}
                Action: {action}
                Status: {(action == "failed" ? "5.1.1" : action == "delayed" ? "4.0.0" : "2.0.0")}
                Diagnostic-Code: smtp; 550 5.1.1 No such user

                """);
        }

        return text.Append("\n--b--\n").ToString().ReplaceLineEndings("\r\n");
    }
}
