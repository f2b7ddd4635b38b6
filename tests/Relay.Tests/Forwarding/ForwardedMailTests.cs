using System.Text;
using Relay.Mail;
using Relay.Options;
using Relay.Routing;
using Relay.Spool;
using Relay.Status;
using Relay.Tests.Delivery;

namespace Relay.Tests.Forwarding;

/// <summary>Mail that is sent on, through all steps: what leaves, as whom, and what is recorded.</summary>
public sealed class ForwardedMailTests : IAsyncDisposable
{
    private const string Text = "DKIM-Signature: v=1; a=rsa-sha256; bh=x\r\nSubject:  odd \tspacing\r\n\r\nbody\r\n.\r\n\r\n";
    private readonly StepHarness relay = new();

    [Fact]
    public async Task An_alias_gets_its_mail_by_a_message_of_its_own()
    {
        relay.Addresses.Alias("info@example.org", "a@example.net");
        var id = await relay.AcceptAsync("info@example.org");

        await relay.RunAsync(WorkQueue.Accepted);

        var original = await relay.StatusAsync(id);
        var (state, reason, reply) = Of(original);
        Assert.Equal((RecipientState.Delivered, Reasons.Forwarded), (state, reason));
        Assert.Equal("aliases", original.Recipients[0].Route);
        var child = await relay.StatusAsync(ChildIn(reply));
        Assert.Equal("info@example.org", child.Origin.ForwardedFor);
        Assert.Equal("a@example.net", Assert.Single(child.Recipients).Address);
        Assert.Equal(RecipientState.Queued, child.Recipients[0].State);

        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Equal("a@example.net", Assert.Single(Assert.Single(relay.Attempts).Recipients).ToString());
        Assert.Equal(RecipientState.Delivered, (await relay.StatusAsync(ChildIn(reply))).Recipients[0].State);
    }

    [Theory]
    [InlineData("", false, false)]
    [InlineData("relay.test; spf=pass smtp.mailfrom=example.com", false, true)]
    [InlineData("relay.test; spf=pass smtp.helo=example.com", false, false)]
    [InlineData("relay.test; spf=softfail smtp.mailfrom=example.com", false, false)]
    [InlineData("else.test; spf=pass smtp.mailfrom=example.com", false, false)]
    [InlineData("", true, true)]
    public async Task Of_mail_that_a_target_refuses_only_a_sender_who_is_real_is_told(string found, bool isMember, bool isTold)
    {
        relay.Addresses.Alias("info@example.org", "a@example.net");
        relay.Outcome = _ => StepHarness.Bounce;
        var envelope = new Envelope { ReversePath = Stranger("user@example.com"), Recipients = [new ForwardPath(new Mailbox("info", "example.org"))] };
        var head = found.Length > 0 ? new ContentHead(0, Encoding.ASCII.GetBytes($"Authentication-Results: {found}\r\n")) : null;
        var id = await relay.AcceptAsync("Authentication-Results: relay.test; spf=pass smtp.mailfrom=example.com\r\n" + Text, envelope, new IntakeVerdict { Head = head }, isMember);

        await relay.RunAsync(WorkQueue.Accepted);
        await relay.RunAsync(WorkQueue.Accepted);

        var child = await relay.StatusAsync(ChildIn(Of(await relay.StatusAsync(id)).Reply));
        Assert.Equal(RecipientState.Bounced, child.Recipients[0].State);
        Assert.Equal(!isTold, child.Events!.Any(e => e.Kind == StatusEvents.NotNotified));
        Assert.Equal(isTold ? 1 : 0, (await relay.NoticesAsync()).Count);
    }

    [Fact]
    public async Task Whom_an_alias_names_since_a_run_that_was_cut_off_gets_the_mail_too()
    {
        relay.Addresses.Alias("info@example.org", "a@example.net");
        await relay.AcceptAsync("info@example.org");
        var lease = Assert.Single(await relay.Spool.LeaseAsync(WorkQueue.Accepted, 1, default));
        await relay.Steps.RunAsync(lease, default);
        relay.Addresses.Alias("info@example.org", "b@example.net");

        Assert.True(await relay.Spool.CommitAsync(await relay.Steps.RunAsync(lease, default)));
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Contains("b@example.net", relay.Attempts.SelectMany(attempt => attempt.Recipients).Select(path => path.ToString()));
    }

    [Fact]
    public async Task The_octets_go_on_as_they_came_behind_one_more_field()
    {
        relay.Addresses.Alias("info@example.org", "a@example.net");
        var id = await relay.AcceptAsync(Text, Stranger("user@example.com"), "info@example.org");
        var stored = await ContentAsync(id);

        await relay.RunAsync(WorkQueue.Accepted);

        var child = ChildIn(Of(await relay.StatusAsync(id)).Reply);
        var sentOn = await ContentAsync(child);
        Assert.EndsWith(stored, sentOn, StringComparison.Ordinal);
        Assert.EndsWith(Text, sentOn, StringComparison.Ordinal);
        Assert.Equal(
            $"Received: by relay.test (Relay) with local id {child}\r\n\tfor <a@example.net>;\r\n\tMon, 23 Nov 2026 12:00:00 +0000\r\n",
            sentOn[..^stored.Length]);
    }

    [Theory]
    [InlineData("user@example.com", "a@example.net", "SRS0=Jh03=JM=example.com=user@relay.test")]
    [InlineData("user@ours.example", "a@example.net", "user@ours.example")]
    [InlineData("user@added.example", "a@example.net", "user@added.example")]
    [InlineData("user@example.com", "a@ours.example", "user@example.com")]
    [InlineData("user@example.com", "a@added.example", "user@example.com")]
    [InlineData("", "a@example.net", "")]
    [InlineData("SRS0=abcd=AB=orig.example=joe@first.example", "a@example.net", "SRS1=FxGp=first.example==abcd=AB=orig.example=joe@relay.test")]
    [InlineData("SRS0=abcd=AB=orig.example=joe@relay.test", "a@example.net", "SRS0=abcd=AB=orig.example=joe@relay.test")]
    public async Task The_sender_is_rewritten_where_he_and_the_target_are_elsewhere(string sender, string target, string expected)
    {
        relay.Steps = relay.NewSteps(relay.Options with { Domains = [new DomainOptions { Name = "ours.example" }] });
        await relay.Addresses.AddDomainAsync(new DomainOptions { Name = "added.example" }, default);
        relay.Addresses.Alias("info@ours.example", target);
        await relay.AcceptAsync(Text, Stranger(sender), "info@ours.example");

        await RunAllAsync();

        Assert.Equal(expected, Assert.Single(relay.Attempts).Envelope.ReversePath.ToString());
    }

    [Fact]
    public async Task Targets_here_and_elsewhere_get_the_sender_that_fits_each()
    {
        relay.Steps = relay.NewSteps(relay.Options with { Domains = [new DomainOptions { Name = "ours.example" }] });
        relay.Addresses.Alias("info@ours.example", "a@ours.example", "b@example.net", "c@ours.example");
        var id = await relay.AcceptAsync(Text, Stranger("user@example.com"), "info@ours.example");

        await RunAllAsync();

        Assert.Equal(
            ["user@example.com to a@ours.example c@ours.example", "SRS0=Jh03=JM=example.com=user@relay.test to b@example.net"],
            relay.Attempts.Select(a => $"{a.Envelope.ReversePath} to {string.Join(' ', a.Recipients)}").OrderDescending());
        Assert.Matches("^250 2.1.5 Sent on as [0-9a-f]{32} and [0-9a-f]{32}$", Of(await relay.StatusAsync(id)).Reply);
    }

    [Fact]
    public async Task What_comes_back_to_a_rewritten_sender_goes_to_the_sender()
    {
        relay.Addresses.Alias("info@example.org", "a@example.net");
        await relay.AcceptAsync(Text, Stranger("user@example.com"), "info@example.org");
        await RunAllAsync();

        await relay.AcceptAsync("Subject: bounce\r\n\r\n", ReversePath.Null, relay.Attempts[0].Envelope.ReversePath.ToString());
        await RunAllAsync();

        Assert.Equal("user@example.com", Assert.Single(relay.Attempts[1].Recipients).ToString());
        Assert.True(relay.Attempts[1].Envelope.ReversePath.IsNull);
    }

    [Fact]
    public async Task A_failure_of_what_was_sent_on_is_told_to_the_first_sender()
    {
        relay.Addresses.Alias("info@example.org", "a@example.net");
        relay.Outcome = address => address == "a@example.net" ? StepHarness.Bounce : StepHarness.Ok;
        await relay.AcceptAsync(Text, From("user@example.com", "info@example.org"), SpfPassed);

        await RunAllAsync();

        var dsn = relay.Attempts[^1];
        Assert.Equal("user@example.com", Assert.Single(dsn.Recipients).ToString());
        Assert.True(dsn.Envelope.ReversePath.IsNull);
    }

    [Fact]
    public async Task What_was_sent_on_is_never_expanded_again()
    {
        relay.Addresses.Alias("info@example.org", "info@example.org", "a@example.net");
        await relay.AcceptAsync("info@example.org");

        await RunAllAsync();

        Assert.Equal(["a@example.net", "info@example.org"], relay.Attempts.SelectMany(a => a.Recipients).Select(r => r.ToString()).Order());
    }

    [Fact]
    public async Task A_step_that_runs_twice_sends_on_once()
    {
        relay.Addresses.Alias("info@example.org", "a@example.net");
        await relay.AcceptAsync("info@example.org");
        var lease = Assert.Single(await relay.Spool.LeaseAsync(WorkQueue.Accepted, 10, default));

        var first = await relay.Steps.RunAsync(lease, default);
        relay.Time.Advance(TimeSpan.FromMinutes(1));
        var second = await relay.Steps.RunAsync(lease, default);

        Assert.Equal(first.Recipients[0].Status.Reply, second.Recipients[0].Status.Reply);
        Assert.True(await relay.Spool.CommitAsync(second));
        await RunAllAsync();
        Assert.Single(relay.Attempts);
    }

    [Fact]
    public async Task A_circle_bounces_and_the_sender_is_told()
    {
        relay.Addresses.Alias("a@example.org", "b@example.org").Alias("b@example.org", "a@example.org");
        var id = await relay.AcceptAsync(Text, From("app@example.com", "a@example.org"), SpfPassed);

        await RunAllAsync();

        var (state, reason, reply) = Of(await relay.StatusAsync(id));
        Assert.Equal((RecipientState.Bounced, Reasons.MailLoop, "550 5.4.6 The address leads back to itself"), (state, reason, reply));
        Assert.Equal("app@example.com", Assert.Single(Assert.Single(relay.Attempts).Recipients).ToString());
    }

    [Fact]
    public async Task A_circle_over_other_hosts_ends_at_the_fields_of_our_own()
    {
        relay.Addresses.Alias("info@example.org", "a@example.net");
        var own = string.Concat(Enumerable.Repeat("Received: from x by relay.test (Relay) with ESMTP id 1; Mon, 23 Nov 2026 12:00:00 +0000\r\n", 5));
        var id = await relay.AcceptAsync(own + Text, Stranger("user@example.com"), "info@example.org");

        await relay.RunAsync(WorkQueue.Accepted);

        var (state, reason, reply) = Of(await relay.StatusAsync(id));
        Assert.Equal((RecipientState.Bounced, Reasons.MailLoop), (state, reason));
        Assert.StartsWith("554 5.4.6", reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forged_return_path_bounces()
    {
        var id = await relay.AcceptAsync("SRS0=aaaa=JM=example.com=user@relay.test");

        await RunAllAsync();

        Assert.Equal((RecipientState.Bounced, Reasons.NoRoute), (Of(await relay.StatusAsync(id)).State, Of(await relay.StatusAsync(id)).Reason));
    }

    [Fact]
    public async Task Recipients_that_are_no_alias_go_their_way_beside_one()
    {
        relay.Addresses.Alias("info@example.org", "a@example.net");
        await relay.AcceptAsync("info@example.org", "b@example.net");

        await RunAllAsync();

        Assert.Equal(["a@example.net", "b@example.net"], relay.Attempts.SelectMany(a => a.Recipients).Select(r => r.ToString()).Order());
    }

    [Fact]
    public async Task A_list_of_many_leaves_in_attempts_of_a_hundred()
    {
        relay.Addresses.Alias("all@example.org", [.. Enumerable.Range(0, 250).Select(i => $"t{i}@example.net")]);
        await relay.AcceptAsync("all@example.org");

        await RunAllAsync();

        Assert.Equal([50, 100, 100], relay.Attempts.Select(a => a.Recipients.Count).Order());
        Assert.Equal(250, relay.Attempts.SelectMany(a => a.Recipients).Distinct().Count());
    }

    [Fact]
    public async Task A_forward_route_sends_on_once_and_what_it_sent_takes_the_next_route()
    {
        relay.Steps = relay.NewSteps(relay.Options with
        {
            Routes =
            [
                new Route { Name = "copy", Kind = RouteKind.Forward, Recipients = ["*"], Forward = new ForwardRoute(["@new.example"]) },
                new Route { Name = "mx", Kind = RouteKind.Mx, Recipients = ["*"] },
            ],
        });
        var id = await relay.AcceptAsync("user+x@old.example");

        await RunAllAsync();

        Assert.Equal("copy", (await relay.StatusAsync(id)).Recipients[0].Route);
        Assert.Equal("user+x@new.example", Assert.Single(Assert.Single(relay.Attempts).Recipients).ToString());
        Assert.Equal("mx", relay.Attempts[0].Route.Name);
    }

    [Fact]
    public async Task An_alias_whose_domain_is_not_ascii_leaves_in_ascii()
    {
        relay.Addresses.Alias("info@example.org", "a@bücher.example", "b@example.net");
        await relay.AcceptAsync("info@example.org");

        await RunAllAsync();

        Assert.All(relay.Attempts, attempt => Assert.False(attempt.Envelope.SmtpUtf8));
        Assert.Contains("a@xn--bcher-kva.example", relay.Attempts.SelectMany(a => a.Recipients).Select(r => r.ToString()));
    }

    [Fact]
    public async Task A_target_that_is_not_ascii_asks_for_hosts_that_can()
    {
        relay.Addresses.Alias("info@example.org", "ü@example.net");
        await relay.AcceptAsync("info@example.org");

        await RunAllAsync();

        Assert.True(Assert.Single(relay.Attempts).Envelope.SmtpUtf8);
    }

    public ValueTask DisposeAsync() => relay.DisposeAsync();

    private static IntakeVerdict SpfPassed => new()
    {
        Head = new ContentHead(0, Encoding.ASCII.GetBytes("Authentication-Results: relay.test; spf=pass smtp.mailfrom=example.com\r\n")),
    };

    private static Envelope From(string sender, string recipient) => new()
    {
        ReversePath = Stranger(sender),
        Recipients = [Mailbox.TryParse(recipient, out var mailbox) ? new ForwardPath(mailbox) : throw new ArgumentException(recipient)],
    };

    private static ReversePath Stranger(string address) =>
        Mailbox.TryParse(address, out var mailbox) ? new ReversePath(mailbox) : ReversePath.Null;

    private static (RecipientState State, string? Reason, string Reply) Of(MessageStatus status) =>
        (status.Recipients[0].State, status.Recipients[0].Reason, status.Recipients[0].Reply ?? "");

    private static MessageId ChildIn(string reply) => MessageId.TryParse(reply[^32..], out var id) ? id : throw new ArgumentException(reply);

    private async Task<string> ContentAsync(MessageId id)
    {
        await using var content = await relay.Spool.OpenContentAsync(id, default);
        using var reader = new StreamReader(content!, Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }

    /// <summary>Until nothing is due any more.</summary>
    private async Task RunAllAsync()
    {
        WorkQueue[] queues = [WorkQueue.Accepted, WorkQueue.Delivery, WorkQueue.Notify];
        var idle = false;
        while (!idle)
        {
            idle = true;
            foreach (var queue in queues)
            {
                if ((await relay.PeekAsync(queue)).Count > 0)
                {
                    await relay.RunAsync(queue);
                    idle = false;
                }
            }
        }
    }
}
