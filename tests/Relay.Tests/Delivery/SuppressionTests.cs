using Microsoft.Extensions.Logging;
using Relay.Addresses;
using Relay.Delivery;
using Relay.Mail;
using Relay.Options;
using Relay.Replies;
using Relay.Routing;
using Relay.Spool;
using Relay.Status;
using Relay.Telemetry;
using Relay.Transport;

namespace Relay.Tests.Delivery;

/// <summary>How addresses get on the suppression list, and what becomes of mail to them.</summary>
public sealed class SuppressionTests
{
    private const string Text = "Subject: test\r\n\r\nbody\r\n";
    private static readonly ReversePath App = new(new Mailbox("app", "example.com"));

    [Fact]
    public async Task An_address_that_bounced_for_good_is_on_the_list_with_the_reply_and_an_end()
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Bounce };

        var id = await AcceptOfMemberAsync(relay, "Nobody@Example.net");
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Equal(
            new Suppression(
                "nobody@example.net", "bounced: 550 5.1.1 No such user (mx.test[192.0.2.1]:25)", StepHarness.Start, StepHarness.Start.AddDays(30)),
            Assert.Single(relay.Addresses.Suppressed).Value);
        Assert.Equal(RecipientState.Bounced, (await relay.StatusAsync(id)).Recipients[0].State);
        Assert.Contains(relay.Log.Lines, line => line is { Event: EventIds.SuppressionAdded, Level: LogLevel.Information } && line.Text.Contains("<nobody@example.net>"));
    }

    [Fact]
    public async Task Of_several_recipients_only_the_one_that_does_not_exist_is()
    {
        await using var relay = new StepHarness { Outcome = to => to.StartsWith('b') ? StepHarness.Bounce : StepHarness.Ok };

        await AcceptOfMemberAsync(relay, "a@example.net", "b@example.net", "c@example.net");
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Equal("b@example.net", Assert.Single(relay.Addresses.Suppressed).Key);
    }

    [Fact]
    public async Task How_long_is_configured()
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Bounce };
        relay.Steps = relay.NewSteps(relay.Options with { Suppression = new SuppressionOptions { For = TimeSpan.FromHours(1) } });

        await AcceptOfMemberAsync(relay, "b@example.net");
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Equal(StepHarness.Start.AddHours(1), Assert.Single(relay.Addresses.Suppressed).Value.ExpiresAt);
    }

    [Fact]
    public async Task Off_is_off()
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Bounce };
        relay.Steps = relay.NewSteps(relay.Options with { Suppression = new SuppressionOptions { HardBounces = false } });

        await AcceptOfMemberAsync(relay, "b@example.net");
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Empty(relay.Addresses.Suppressed);
    }

    [Fact]
    public async Task Mail_of_a_stranger_puts_nobody_on_the_list()
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Bounce };

        await relay.AcceptAsync(Text, EnvelopeTo("b@example.net"), isMember: false);
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Empty(relay.Addresses.Suppressed);
    }

    [Fact]
    public async Task Neither_does_a_dsn_to_whom_somebody_may_have_forged()
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Bounce };
        await relay.AcceptAsync("b@example.net");
        await relay.RunAsync(WorkQueue.Accepted);

        await relay.RunAsync(WorkQueue.Notify);
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Equal(["b@example.net", "app@example.com"], relay.Attempts.Select(a => a.Recipients[0].ToString()));
        Assert.Empty(relay.Addresses.Suppressed);
    }

    [Fact]
    public async Task Neither_does_mail_of_a_member_from_the_null_reverse_path()
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Bounce };

        await relay.AcceptAsync(Text, EnvelopeTo("b@example.net") with { ReversePath = ReversePath.Null }, isMember: true);
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Empty(relay.Addresses.Suppressed);
    }

    [Fact]
    public async Task Neither_does_a_route_that_cannot_carry_the_message_and_has_a_fallback()
    {
        var hub = new Route { Name = "hub", Kind = RouteKind.Smarthost, Recipients = ["*"], Fallback = "mx" };
        await using var relay = new StepHarness(hub, new Route { Name = "mx", Kind = RouteKind.Mx, Recipients = ["*"] });
        relay.Outcome = _ => StepHarness.Bounce with { MayFallBack = true };

        await AcceptOfMemberAsync(relay, "b@example.net");
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Empty(relay.Addresses.Suppressed);
    }

    [Fact]
    public async Task An_entry_that_is_there_is_left_as_it_is()
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Bounce };
        await AcceptOfMemberAsync(relay, "b@example.net");
        relay.Addresses.Suppressed["b@example.net"] = ByHand("b@example.net");
        var lease = Assert.Single(await relay.Spool.LeaseAsync(WorkQueue.Accepted, 1, default));

        await new BounceSuppression(relay.PartsOf(relay.Options)).NoteAsync(lease.Work, [0], new DeliveryOutcome([StepHarness.Bounce]));

        Assert.Equal("added by hand", relay.Addresses.Suppressed["b@example.net"].Reason);
    }

    [Fact]
    public async Task A_report_that_comes_later_counts_as_a_bounce_does()
    {
        await using var relay = new StepHarness();
        await AcceptOfMemberAsync(relay, "a@example.net", "b@example.net");
        var lease = Assert.Single(await relay.Spool.LeaseAsync(WorkQueue.Accepted, 1, default));

        await new BounceSuppression(relay.PartsOf(relay.Options)).NoteAsync(lease.Work, 1, new RemoteReport
        {
            Action = DsnAction.Failed,
            Recipient = 1,
            Status = "5.1.1",
            RemoteHost = "mx.example.net",
            Source = "dsn",
            At = StepHarness.Start,
        });

        Assert.Equal("bounced: 5.1.1 (mx.example.net)", Assert.Single(relay.Addresses.Suppressed).Value.Reason);
    }

    [Fact]
    public async Task Nobody_gets_on_it_by_a_report_to_a_return_path_that_others_have_seen_too()
    {
        await using var relay = new StepHarness();
        await AcceptOfMemberAsync(relay, "a@example.net", "b@example.net");
        var lease = Assert.Single(await relay.Spool.LeaseAsync(WorkQueue.Accepted, 1, default));

        await new BounceSuppression(relay.PartsOf(relay.Options)).NoteAsync(lease.Work, 1, new RemoteReport
        {
            Action = DsnAction.Failed,
            Address = "b@example.net",
            Status = "5.1.1",
            Source = RemoteReport.FromDsn,
            At = StepHarness.Start,
        });

        Assert.Empty(relay.Addresses.Suppressed);
    }

    [Fact]
    public async Task A_list_that_cannot_be_written_stops_no_delivery()
    {
        await using var relay = new StepHarness();
        relay.Outcome = to =>
        {
            relay.Addresses.Trouble = new SpoolException(SpoolFault.Unavailable, "the disk is gone");
            return to.StartsWith('b') ? StepHarness.Bounce : StepHarness.Ok;
        };

        var id = await AcceptOfMemberAsync(relay, "a@example.net", "b@example.net");
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Equal([RecipientState.Delivered, RecipientState.Bounced], (await relay.StatusAsync(id)).Recipients.Select(r => r.State));
        Assert.Contains(relay.Log.Lines, line => line is { Event: EventIds.SuppressionNotAdded, Level: LogLevel.Error } && line.Text.Contains("the disk is gone"));
    }

    [Fact]
    public async Task A_reply_of_a_page_is_kept_on_one_line_and_cut()
    {
        await using var relay = new StepHarness();
        relay.Outcome = _ => StepHarness.Bounce with { Reply = new SmtpReply(550, 1, 1, "gone\n" + new string('x', 900)) };

        await AcceptOfMemberAsync(relay, "b@example.net");
        await relay.RunAsync(WorkQueue.Accepted);

        var reason = Assert.Single(relay.Addresses.Suppressed).Value.Reason;
        Assert.Equal(500, reason.Length);
        Assert.StartsWith("bounced: 550 5.1.1 gone xxx", reason);
    }

    [Fact]
    public async Task A_suppressed_recipient_is_not_tried_and_the_status_says_since_when_and_why()
    {
        await using var relay = new StepHarness();
        relay.Addresses.Suppressed["b@example.net"] = ByHand("b@example.net");

        var id = await relay.AcceptAsync("B@Example.net");
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Empty(relay.Attempts);
        var status = await relay.StatusAsync(id);
        var recipient = Assert.Single(status.Recipients);
        Assert.Equal((RecipientState.Suppressed, Reasons.Suppressed, 0), (recipient.State, recipient.Reason, recipient.Attempts));
        Assert.Equal("on the suppression list since 2026-11-22 12:00:00Z: added by hand", recipient.Reply);
        Assert.Contains(relay.Log.Lines, line => line is { Event: EventIds.RecipientSuppressed } && line.Text.Contains("added by hand"));
    }

    [Fact]
    public async Task Its_sender_is_told_in_general_words()
    {
        await using var relay = new StepHarness();
        relay.Addresses.Suppressed["b@example.net"] = ByHand("b@example.net");
        await relay.AcceptAsync("b@example.net");
        await relay.RunAsync(WorkQueue.Accepted);

        await relay.RunAsync(WorkQueue.Notify);
        await relay.RunAsync(WorkQueue.Accepted);

        var dsn = Assert.Single(relay.Attempts);
        Assert.Equal("app@example.com", dsn.Recipients[0].ToString());
        var lines = await relay.Spool.SearchAsync(new StatusQuery { Sender = "" }, default);
        Assert.Equal(RecipientState.Delivered, Assert.Single(lines.Messages).Recipients[0].State);
    }

    [Fact]
    public async Task The_other_recipients_of_the_message_get_it()
    {
        await using var relay = new StepHarness();
        relay.Addresses.Suppressed["b@example.net"] = ByHand("b@example.net");

        var id = await relay.AcceptAsync("a@example.net", "b@example.net", "c@example.net");
        await relay.RunAsync(WorkQueue.Accepted);
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Equal(["a@example.net", "c@example.net"], Assert.Single(relay.Attempts).Recipients.Select(r => r.ToString()));
        Assert.Equal(
            [RecipientState.Delivered, RecipientState.Suppressed, RecipientState.Delivered], (await relay.StatusAsync(id)).Recipients.Select(r => r.State));
    }

    [Fact]
    public async Task A_dsn_to_a_suppressed_sender_is_not_sent_and_nobody_is_told()
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Bounce };
        await relay.AcceptAsync("b@example.net");
        relay.Addresses.Suppressed["app@example.com"] = ByHand("app@example.com");
        await relay.RunAsync(WorkQueue.Accepted);

        await relay.RunAsync(WorkQueue.Notify);
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Single(relay.Attempts);
        Assert.Empty(await relay.PeekAsync(WorkQueue.Notify));
        Assert.Contains(relay.Log.Lines, line => line.Event == EventIds.NotNotified);
    }

    [Theory]
    [InlineData("Postmaster@relay.test")]
    [InlineData("bounces+abc123@relay.test")]
    [InlineData("SRS0=HHH=TT=example.org=user@relay.test")]
    [InlineData("srs1=hhh=example.org==HHH=TT=example.com=user@own.example")]
    [InlineData("bounces+abc123@added.example")]
    public async Task Whoever_must_be_reached_is(string recipient)
    {
        await using var relay = new StepHarness();
        var options = relay.Options with { Domains = [new DomainOptions { Name = "Own.example" }] };
        await relay.Addresses.AddDomainAsync(new DomainOptions { Name = "added.example" }, default);
        await relay.Addresses.SuppressAsync(ByHand(recipient), default);
        relay.Steps = relay.NewSteps(options);

        var id = await relay.AcceptAsync(recipient);
        await relay.RunAsync(WorkQueue.Accepted);

        // What is a return-path of ours by its form alone ends otherwise, and is not suppressed.
        Assert.NotEqual(RecipientState.Suppressed, (await relay.StatusAsync(id)).Recipients[0].State);
    }

    [Theory]
    [InlineData("postmaster@example.net")]
    [InlineData("bounces+abc123@example.net")]
    [InlineData("user@relay.test")]
    public async Task The_same_names_elsewhere_may_be_suppressed(string recipient)
    {
        await using var relay = new StepHarness();
        await relay.Addresses.SuppressAsync(ByHand(recipient), default);

        await relay.AcceptAsync(recipient);
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Empty(relay.Attempts);
    }

    private static Task<MessageId> AcceptOfMemberAsync(StepHarness relay, params string[] recipients) =>
        relay.AcceptAsync(Text, EnvelopeTo(recipients), isMember: true);

    private static Envelope EnvelopeTo(params string[] recipients) => new()
    {
        ReversePath = App,
        Recipients = [.. recipients.Select(r => Mailbox.TryParse(r, out var mailbox) ? new ForwardPath(mailbox) : throw new ArgumentException(r))],
    };

    private static Suppression ByHand(string address) => new(address, "added by hand", StepHarness.Start.AddDays(-1), null);
}
