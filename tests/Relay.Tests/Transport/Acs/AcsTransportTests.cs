using Relay.Routing;
using Relay.Status;
using Relay.Support;
using Relay.Transport;

namespace Relay.Tests.Transport.Acs;

/// <summary>The attempts of an acs route, over HTTP to a stub that keeps the contract.</summary>
public sealed class AcsTransportTests
{
    private const string Mail = """
        From: shop@example.com
        To: Ann <ann@example.net>
        Cc: bob@example.net
        Subject: Your order
        Message-ID: <1@example.com>

        It is on its way.

        """;

    [Fact]
    public async Task A_mail_is_submitted_and_looked_at_later()
    {
        await using var acs = await AcsHarness.StartAsync();

        var outcome = await acs.SendAsync(Mail, "ann@example.net", "bob@example.net", "carol@example.net");

        Assert.All(outcome.Recipients, r =>
        {
            Assert.Equal((OutcomeKind.Submitted, Reasons.Submitted), (r.Kind, r.Reason));
            Assert.Equal(acs.Time.GetUtcNow().AddSeconds(30), r.RetryAt);
            Assert.NotNull(r.Operation?.SubmittedAt);
        });
        var mail = Assert.Single(acs.Stub.Mails);
        Assert.Equal(outcome.Recipients[0].Operation!.Id, mail.Operation);
        Assert.Equal("shop@example.com", mail.Email.GetProperty("senderAddress").GetString());
        Assert.Equal("Ann", mail.Email.GetProperty("recipients").GetProperty("to")[0].GetProperty("displayName").GetString());
        Assert.Equal(("ann@example.net", "bob@example.net", "carol@example.net"),
            (mail.Addresses("to").Single(), mail.Addresses("cc").Single(), mail.Addresses("bcc").Single()));
        Assert.Equal("<1@example.com>", mail.Email.GetProperty("headers").GetProperty("Message-ID").GetString());
        Assert.Single(acs.Stub.Calls);
    }

    [Fact]
    public async Task While_it_runs_it_is_looked_at_quietly_and_ever_more_rarely()
    {
        await using var acs = await AcsHarness.StartAsync();
        var request = acs.Request(Mail, "ann@example.net");
        var outcome = (await acs.SendAsync(request)).Recipients[0];
        List<double> pauses = [];
        for (var look = 0; look < 6; look++)
        {
            acs.Time.Advance(outcome.RetryAt!.Value - acs.Time.GetUtcNow());
            request = acs.Again(request, outcome);
            outcome = (await acs.SendAsync(request)).Recipients[0];
            Assert.True(outcome is { Kind: OutcomeKind.Submitted, IsQuiet: true, IsAttempt: false });
            pauses.Add((outcome.RetryAt!.Value - acs.Time.GetUtcNow()).TotalSeconds);
        }

        Assert.Equal([30, 60, 120, 240, 480, 960], pauses);
        Assert.Single(acs.Stub.Mails);
    }

    [Fact]
    public async Task Taken_for_delivery_is_not_delivered_until_a_report_says_so()
    {
        await using var acs = await AcsHarness.StartAsync();
        var request = acs.Request(Mail, "ann@example.net");
        var outcome = (await acs.SendAsync(request)).Recipients[0];
        acs.Stub.SetAll("Succeeded");

        request = acs.Again(request, outcome);
        outcome = (await acs.SendAsync(request)).Recipients[0];

        Assert.True(outcome is { Kind: OutcomeKind.Submitted, IsQuiet: false, IsAttempt: false, AskedNobody: false, Operation.AwaitsReport: true });
        var calls = acs.Stub.Calls.Count;
        request = acs.Again(request, outcome);
        outcome = (await acs.SendAsync(request)).Recipients[0];
        Assert.True(outcome is { Kind: OutcomeKind.Submitted, IsQuiet: true, AskedNobody: true });
        Assert.Equal(calls, acs.Stub.Calls.Count);
        acs.Time.Advance(TimeSpan.FromHours(24));
        outcome = (await acs.SendAsync(acs.Again(request, outcome))).Recipients[0];
        Assert.Equal((OutcomeKind.Delivered, Reasons.Unreported), (outcome.Kind, outcome.Reason));
    }

    [Fact]
    public async Task Without_reports_taken_for_delivery_is_delivered()
    {
        await using var acs = await AcsHarness.StartAsync();
        acs.Acs = acs.Acs with { DeliveryReports = false };
        var request = acs.Request(Mail, "ann@example.net");
        var outcome = (await acs.SendAsync(request)).Recipients[0];
        acs.Stub.SetAll("Succeeded");

        outcome = (await acs.SendAsync(acs.Again(request, outcome))).Recipients[0];

        Assert.Equal((OutcomeKind.Delivered, Reasons.Delivered), (outcome.Kind, outcome.Reason));
    }

    [Fact]
    public async Task An_operation_that_never_ends_bounces_after_a_day()
    {
        await using var acs = await AcsHarness.StartAsync();
        var request = acs.Request(Mail, "ann@example.net");
        var outcome = (await acs.SendAsync(request)).Recipients[0];
        acs.Stub.Forget();
        request = acs.Again(request, outcome);

        outcome = (await acs.SendAsync(request)).Recipients[0];
        Assert.True(outcome is { Kind: OutcomeKind.Submitted, IsQuiet: true });
        acs.Time.Advance(TimeSpan.FromHours(24));
        outcome = (await acs.SendAsync(request)).Recipients[0];

        Assert.Equal((OutcomeKind.Bounced, Reasons.Unreported), (outcome.Kind, outcome.Reason));
        Assert.Single(acs.Stub.Mails);
    }

    [Theory]
    [InlineData("EmailDroppedAllRecipientsSuppressed", OutcomeKind.Bounced)]
    [InlineData("InternalServerError", OutcomeKind.Deferred)]
    public async Task A_failed_operation_ends_by_its_code(string code, OutcomeKind kind)
    {
        await using var acs = await AcsHarness.StartAsync();
        var request = acs.Request(Mail, "ann@example.net");
        var outcome = (await acs.SendAsync(request)).Recipients[0];
        acs.Stub.SetAll("Failed", code);

        outcome = (await acs.SendAsync(acs.Again(request, outcome))).Recipients[0];

        Assert.Equal(kind, outcome.Kind);
        Assert.Contains(code, outcome.Reply.Text);
    }

    [Fact]
    public async Task A_failed_operation_is_sent_again_under_another_id()
    {
        await using var acs = await AcsHarness.StartAsync();
        var request = acs.Request(Mail, "ann@example.net");
        var outcome = (await acs.SendAsync(request)).Recipients[0];
        acs.Stub.SetAll("Failed", "InternalServerError");
        request = acs.Again(request, outcome);
        outcome = (await acs.SendAsync(request)).Recipients[0];

        outcome = (await acs.SendAsync(acs.Again(request, outcome))).Recipients[0];

        Assert.Equal(OutcomeKind.Submitted, outcome.Kind);
        Assert.Equal(2, acs.Stub.Mails.Select(m => m.Operation).Distinct().Count());
        Assert.Equal(outcome.Operation!.Id, acs.Stub.Mails[^1].Operation);
    }

    [Fact]
    public async Task A_connection_that_is_cut_after_the_mail_was_taken_makes_no_second_mail()
    {
        await using var acs = await AcsHarness.StartAsync();
        acs.Stub.AfterSend = AcsStub.Cut;
        var request = acs.Request(Mail, "ann@example.net");

        var outcome = (await acs.SendAsync(request)).Recipients[0];
        Assert.Equal((OutcomeKind.Deferred, Reasons.ConnectionLost), (outcome.Kind, outcome.Reason));
        acs.Stub.AfterSend = _ => Task.FromResult(false);
        outcome = (await acs.SendAsync(acs.Again(request, outcome))).Recipients[0];

        Assert.Equal(OutcomeKind.Submitted, outcome.Kind);
        Assert.Single(acs.Stub.Mails);
        Assert.StartsWith("GET", acs.Stub.Calls[^1]);
    }

    [Fact]
    public async Task A_connection_that_is_cut_before_the_mail_was_taken_makes_one_mail()
    {
        await using var acs = await AcsHarness.StartAsync();
        acs.Stub.Before = AcsStub.Cut;
        var request = acs.Request(Mail, "ann@example.net");
        var outcome = (await acs.SendAsync(request)).Recipients[0];
        acs.Stub.Before = _ => Task.FromResult(false);

        outcome = (await acs.SendAsync(acs.Again(request, outcome))).Recipients[0];

        Assert.Equal(OutcomeKind.Submitted, outcome.Kind);
        Assert.Equal(outcome.Operation!.Id, Assert.Single(acs.Stub.Mails).Operation);
    }

    [Fact]
    public async Task A_process_that_dies_after_the_mail_was_taken_leaves_no_second_mail()
    {
        await using var acs = await AcsHarness.StartAsync();
        var request = acs.Request(Mail, "ann@example.net");
        await acs.SendAsync(request);

        acs.Restart();
        var outcome = (await acs.SendAsync(request)).Recipients[0];

        Assert.True(outcome is { Kind: OutcomeKind.Submitted, IsQuiet: false, IsAttempt: true });
        Assert.Single(acs.Stub.Mails);
    }

    [Fact]
    public async Task No_answer_in_time_is_asked_for_before_it_is_sent_again()
    {
        await using var acs = await AcsHarness.StartAsync();
        var (taken, silence) = (new TaskCompletionSource(), new TaskCompletionSource());
        acs.Stub.AfterSend = async _ =>
        {
            taken.SetResult();
            await silence.Task;
            return true;
        };
        var request = acs.Request(Mail, "ann@example.net");

        var sending = acs.SendAsync(request);
        await taken.Task;
        acs.Time.Advance(TimeSpan.FromSeconds(101));
        var outcome = (await sending).Recipients[0];
        Assert.Equal((OutcomeKind.Deferred, Reasons.RemoteTimeout), (outcome.Kind, outcome.Reason));
        silence.SetResult();
        outcome = (await acs.SendAsync(acs.Again(request, outcome))).Recipients[0];

        Assert.Equal(OutcomeKind.Submitted, outcome.Kind);
        Assert.Single(acs.Stub.Mails);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(429)]
    [InlineData(500)]
    public async Task While_nobody_knows_whether_it_was_sent_it_neither_bounces_nor_goes_another_way(int status)
    {
        await using var acs = await AcsHarness.StartAsync();
        acs.Acs = acs.Acs with { WhenSpent = WhenSpent.Fallback };
        acs.Stub.AfterSend = AcsStub.Cut;
        var request = acs.Request(Mail, "ann@example.net");
        var outcome = (await acs.SendAsync(request)).Recipients[0];
        acs.Stub.Before = AcsStub.Fail(status, "ItsCode");

        request = acs.Again(request, outcome);
        outcome = (await acs.SendAsync(request)).Recipients[0];
        Assert.True(outcome is { Kind: OutcomeKind.Deferred, MayFallBack: false, Operation: not null });
        acs.Stub.Before = _ => Task.FromResult(false);
        outcome = (await acs.SendAsync(acs.Again(request, outcome))).Recipients[0];

        Assert.Equal(OutcomeKind.Submitted, outcome.Kind);
        Assert.Single(acs.Stub.Mails);
    }

    [Fact]
    public async Task Mail_that_an_earlier_process_may_have_sent_does_not_overflow_unasked()
    {
        await using var acs = await AcsHarness.StartAsync();
        acs.Acs = acs.Acs with { PerMinute = 1, WhenSpent = WhenSpent.Fallback };
        var request = acs.Request(Mail, "ann@example.net");
        await acs.SendAsync(request);

        acs.Restart();
        var outcome = (await acs.SendAsync(request)).Recipients[0];

        Assert.True(outcome is { Kind: OutcomeKind.Submitted, MayFallBack: false });
    }

    [Theory]
    [InlineData(400, OutcomeKind.Bounced, true)]
    [InlineData(422, OutcomeKind.Bounced, true)]
    [InlineData(413, OutcomeKind.Bounced, true)]
    [InlineData(401, OutcomeKind.Deferred, false)]
    [InlineData(403, OutcomeKind.Deferred, false)]
    [InlineData(404, OutcomeKind.Deferred, false)]
    [InlineData(500, OutcomeKind.Deferred, false)]
    [InlineData(503, OutcomeKind.Deferred, false)]
    public async Task A_refusal_ends_by_its_status(int status, OutcomeKind kind, bool mayFallBack)
    {
        await using var acs = await AcsHarness.StartAsync();
        acs.Stub.Before = AcsStub.Fail(status, "ItsCode");

        var outcome = (await acs.SendAsync(Mail, "ann@example.net")).Recipients[0];

        Assert.Equal((kind, mayFallBack), (outcome.Kind, outcome.MayFallBack));
        Assert.Equal(status >= 500, outcome.Operation is not null);
        Assert.Equal(status is 401 or 403 or 404, acs.Log.Lines.Any(l => l.Text.Contains("refuses this relay")));
    }

    [Fact]
    public async Task Too_many_requests_stop_all_sends_until_the_service_allows_more()
    {
        await using var acs = await AcsHarness.StartAsync();
        acs.Stub.Before = AcsStub.Fail(429, "TooManyRequests", "600");
        var outcome = (await acs.SendAsync(Mail, "ann@example.net")).Recipients[0];
        Assert.Equal((OutcomeKind.Deferred, Reasons.QuotaSpent, acs.Time.GetUtcNow().AddMinutes(10)), (outcome.Kind, outcome.Reason, outcome.RetryAt!.Value));
        acs.Stub.Before = _ => Task.FromResult(false);
        acs.Message = Relay.Mail.MessageId.New(acs.Time.GetUtcNow());

        outcome = (await acs.SendAsync(Mail, "bob@example.net")).Recipients[0];

        Assert.True(outcome is { Kind: OutcomeKind.Deferred, Reason: Reasons.QuotaSpent, IsAttempt: false });
        Assert.Equal(acs.Time.GetUtcNow().AddMinutes(10), outcome.RetryAt);
        Assert.Single(acs.Stub.Calls);
        acs.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(OutcomeKind.Submitted, (await acs.SendAsync(Mail, "bob@example.net")).Recipients[0].Kind);
    }

    [Fact]
    public async Task The_service_cannot_stop_all_sends_for_years()
    {
        await using var acs = await AcsHarness.StartAsync();
        acs.Stub.Before = AcsStub.Fail(429, "TooManyRequests", $"{int.MaxValue}");
        await acs.SendAsync(Mail, "ann@example.net");
        acs.Stub.Before = _ => Task.FromResult(false);
        acs.Message = Relay.Mail.MessageId.New(acs.Time.GetUtcNow());

        var outcome = (await acs.SendAsync(Mail, "bob@example.net")).Recipients[0];

        Assert.Equal(acs.Time.GetUtcNow().AddHours(4), outcome.RetryAt);
    }

    [Theory]
    [InlineData(WhenSpent.Defer, false)]
    [InlineData(WhenSpent.Fallback, true)]
    public async Task A_spent_quota_costs_no_call_and_says_when_mail_goes(WhenSpent when, bool mayFallBack)
    {
        await using var acs = await AcsHarness.StartAsync();
        acs.Acs = acs.Acs with { PerMinute = 2, WhenSpent = when };
        for (var i = 0; i < 2; i++)
        {
            acs.Message = Relay.Mail.MessageId.New(acs.Time.GetUtcNow());
            await acs.SendAsync(Mail, "ann@example.net");
        }

        acs.Message = Relay.Mail.MessageId.New(acs.Time.GetUtcNow());
        var outcome = (await acs.SendAsync(Mail, "ann@example.net")).Recipients[0];

        Assert.Equal((OutcomeKind.Deferred, Reasons.QuotaSpent, mayFallBack), (outcome.Kind, outcome.Reason, outcome.MayFallBack));
        Assert.Equal(acs.Time.GetUtcNow().AddMinutes(1), outcome.RetryAt);
        Assert.Equal(2, acs.Stub.Calls.Count);
    }

    [Fact]
    public async Task More_than_fifty_recipients_are_parted_into_requests()
    {
        await using var acs = await AcsHarness.StartAsync();
        var recipients = Enumerable.Range(0, 100).Select(n => $"u{n}@example.net").ToArray();
        var mail = Mail.Replace("Ann <ann@example.net>", string.Join(", ", recipients));

        var outcome = await acs.SendAsync(mail, recipients);

        Assert.All(outcome.Recipients, r => Assert.Equal(OutcomeKind.Submitted, r.Kind));
        Assert.Equal([50, 50], acs.Stub.Mails.Select(m => m.Everybody.Count));
        Assert.Equal(recipients.Order(), acs.Stub.Mails.SelectMany(m => m.Everybody).Order());
        Assert.Equal(2, outcome.Recipients.Select(r => r.Operation!.Id).Distinct().Count());
    }

    [Fact]
    public async Task Nobody_to_sign_in_is_a_fault_of_ours_and_mail_waits()
    {
        await using var acs = await AcsHarness.StartAsync();
        acs.Acs = new AcsRoute { Endpoint = new Uri("https://127.0.0.1:1") };

        var outcome = (await acs.SendAsync(Mail, "ann@example.net")).Recipients[0];

        Assert.Equal((OutcomeKind.Deferred, Reasons.ConnectFailed), (outcome.Kind, outcome.Reason));
        Assert.Contains(acs.Log.Lines, l => l.Text.Contains("refuses this relay"));
    }
}
