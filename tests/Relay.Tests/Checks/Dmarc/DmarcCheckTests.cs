using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Relay.Checks;
using Relay.Checks.Arc;
using Relay.Checks.Dmarc;
using Relay.Mail;
using Relay.Support;

namespace Relay.Tests.Checks.Dmarc;

public sealed class DmarcCheckTests
{
    private readonly TableDns dns = new TableDns()
        .Txt("_dmarc.example.org", "v=DMARC1; p=reject; sp=quarantine; rua=mailto:d@example.org").A("mail.example.org", "192.0.2.1")
        .Txt("_dmarc.watch.example", "v=DMARC1; p=none");

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 23, 59, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("example.org", "example.org")]
    [InlineData("mail.example.org", "example.org")]
    [InlineData("example.org", "mail.example.org")]
    [InlineData("news.example.org", "mail.example.org")]
    public async Task Spf_of_the_same_organization_makes_it_pass(string author, string spf)
    {
        var result = await CheckAsync(author, Spf("pass", spf), Dkim());

        Assert.Equal("pass", Told(result).Result);
        Assert.Equal(CheckAction.None, result.Action);
        Assert.Null(result.Reason);
    }

    [Fact]
    public async Task One_of_many_signatures_is_enough()
    {
        var result = await CheckAsync(
            "example.org", Spf("fail", "example.org"), Dkim(("fail", "example.org"), ("pass", "other.example"), ("pass", "mail.example.org")));

        Assert.Equal("pass", Told(result).Result);
        Assert.Equal("example.org", Told(result)["header.from"]);
    }

    [Theory]
    [InlineData("x@example.org")]
    [InlineData("x@mail.example.org")]
    [InlineData("=?utf-8?q?example.org?=")]
    public async Task What_only_looks_like_a_domain_is_not_aligned(string vouched)
    {
        Assert.Equal("fail", Told(await CheckAsync("example.org", Spf("pass", vouched), Dkim(("pass", vouched)))).Result);
    }

    [Fact]
    public async Task The_same_domain_needs_one_question()
    {
        var result = await CheckAsync("example.org", Spf("pass", "example.org"), Dkim());

        Assert.Equal(["TXT _dmarc.example.org"], dns.Questions);
        Assert.Equal(1, result.Lookups);
    }

    [Fact]
    public async Task Domains_of_others_are_not_asked_about()
    {
        await CheckAsync("example.org", Spf("pass", "example.net"), Dkim(("pass", "a.example.com"), ("fail", "b.example.org")));

        Assert.Equal(["TXT _dmarc.example.org"], dns.Questions);
    }

    [Fact]
    public async Task Where_nothing_vouches_the_policy_of_the_author_is_asked_for()
    {
        var result = await CheckAsync("example.org", Spf("pass", "example.net"), Dkim(("fail", "example.org")));

        Assert.Equal("fail", Told(result).Result);
        Assert.Equal("p=reject sp=quarantine", Told(result).Comment);
        Assert.Equal("reject", Told(result)["policy.dmarc"]);
        Assert.Equal(CheckAction.Reject, result.Action);
        Assert.Equal(CheckReasons.DmarcFail, result.Reason);
        Assert.Equal("550 5.7.26 Refused by the DMARC policy of example.org", result.Refusal?.ToString());
    }

    [Fact]
    public async Task Below_the_policy_domain_its_sp_holds()
    {
        var result = await CheckAsync("mail.example.org", Spf("none", "example.net"), Dkim());

        Assert.Equal(CheckAction.Quarantine, result.Action);
        Assert.Null(result.Refusal);
    }

    [Theory]
    [InlineData("mail.np.example", CheckAction.Quarantine)]
    [InlineData("made-up.np.example", CheckAction.Reject)]
    public async Task Np_holds_for_what_does_not_exist(string author, CheckAction action)
    {
        dns.Txt("_dmarc.np.example", "v=DMARC1; p=none; sp=quarantine; np=reject").A("mail.np.example", "192.0.2.1");

        Assert.Equal(action, (await CheckAsync(author, Spf("none", "example.net"), Dkim())).Action);
    }

    [Fact]
    public async Task When_nobody_says_whether_the_author_exists_nothing_is_asked_for()
    {
        dns.Txt("_dmarc.np.example", "v=DMARC1; p=none; np=reject").Silent("mail.np.example", "TXT");

        var result = await CheckAsync("mail.np.example", Spf("none", "example.net"), Dkim());

        Assert.Equal("temperror", Told(result).Result);
        Assert.Equal(CheckAction.None, result.Action);
    }

    [Fact]
    public async Task A_policy_of_none_asks_for_nothing()
    {
        var result = await CheckAsync("watch.example", Spf("fail", "watch.example"), Dkim());

        Assert.Equal("fail", Told(result).Result);
        Assert.Equal("none", Told(result)["policy.dmarc"]);
        Assert.Equal(CheckAction.None, result.Action);
    }

    [Fact]
    public async Task A_policy_that_is_tried_out_asks_for_a_step_less()
    {
        dns.Txt("_dmarc.trial.example", "v=DMARC1; p=reject; t=y; rua=mailto:d@trial.example");

        var result = await CheckAsync("trial.example", Spf("fail", "trial.example"), Dkim());

        Assert.Equal(CheckAction.Quarantine, result.Action);
        Assert.Equal("p=reject t=y", Told(result).Comment);
        Assert.Equal(DmarcOverride.PolicyTestMode, Record(result).Override);
    }

    [Theory]
    [InlineData("aspf=s", "fail")]
    [InlineData("aspf=r", "pass")]
    [InlineData("adkim=s", "pass")]
    public async Task Strict_alignment_wants_the_same_domain(string tag, string outcome)
    {
        dns.Txt("_dmarc.strict.example", $"v=DMARC1; p=reject; {tag}");

        Assert.Equal(outcome, Told(await CheckAsync("strict.example", Spf("pass", "mail.strict.example"), Dkim())).Result);
        Assert.Equal("pass", Told(await CheckAsync("strict.example", Spf("pass", "Strict.Example"), Dkim())).Result);
    }

    [Fact]
    public async Task Two_customers_of_one_public_suffix_are_not_aligned()
    {
        dns.Txt("_dmarc.host.example", "v=DMARC1; p=reject; psd=y").Txt("_dmarc.one.host.example", "v=DMARC1; p=reject");

        Assert.Equal("fail", Told(await CheckAsync("one.host.example", Spf("pass", "two.host.example"), Dkim())).Result);
        Assert.Equal("pass", Told(await CheckAsync("one.host.example", Spf("pass", "mail.one.host.example"), Dkim())).Result);
    }

    [Fact]
    public async Task A_part_that_declares_itself_an_organization_is_not_aligned_with_the_rest()
    {
        dns.Txt("_dmarc.shop.example.org", "v=DMARC1; p=none; psd=n");

        Assert.Equal("fail", Told(await CheckAsync("example.org", Spf("pass", "shop.example.org"), Dkim())).Result);
    }

    [Fact]
    public async Task Without_a_record_there_is_nothing_to_say()
    {
        var result = await CheckAsync("a.nothing.example", Spf("fail", "nothing.example"), Dkim());

        Assert.Equal("none", Told(result).Result);
        Assert.Equal(CheckAction.None, result.Action);
        Assert.Equal(3, result.Lookups);
    }

    [Fact]
    public async Task A_record_without_a_policy_is_told_and_asks_for_nothing()
    {
        dns.Txt("_dmarc.broken.example", "v=DMARC1; p=refuse");

        var result = await CheckAsync("broken.example", Spf("fail", "broken.example"), Dkim());

        Assert.Equal("permerror", Told(result).Result);
        Assert.Equal(CheckReasons.DmarcBadRecord, result.Reason);
        Assert.Equal(CheckAction.None, result.Action);
    }

    [Fact]
    public async Task When_dns_does_not_say_what_the_policy_is_nothing_is_asked_for()
    {
        dns.Silent("_dmarc.quiet.example", "TXT");

        var result = await CheckAsync("a.quiet.example", Spf("fail", "quiet.example"), Dkim());

        Assert.Equal("temperror", Told(result).Result);
        Assert.Equal(CheckReasons.NoAnswer, result.Reason);
        Assert.Equal(CheckAction.None, result.Action);
    }

    [Theory]
    [InlineData("example.org", "temperror")]
    [InlineData("mail.example.org", "temperror")]
    [InlineData("example.net", "fail")]
    public async Task A_missing_answer_counts_where_it_could_have_made_it_pass(string domain, string outcome)
    {
        Assert.Equal(outcome, Told(await CheckAsync("example.org", Spf("temperror", domain), Dkim())).Result);
        Assert.Equal(outcome, Told(await CheckAsync("example.org", Spf("none", domain), Dkim(("temperror", domain)))).Result);
        Assert.Equal("pass", Told(await CheckAsync("example.org", Spf("temperror", domain), Dkim(("pass", "example.org")))).Result);
    }

    [Fact]
    public async Task A_check_that_was_cut_short_could_have_made_it_pass()
    {
        var spf = new CheckResult(CheckName.Spf) { Authentication = [new AuthenticationResult("spf", "temperror")] };

        Assert.Equal("temperror", Told(await RunAsync(Subject("example.org", [spf, Dkim()]) with { ReversePath = From("a@example.org") })).Result);
        Assert.Equal("fail", Told(await RunAsync(Subject("example.org", [spf, Dkim()]) with { ReversePath = From("a@example.net") })).Result);

        var dkim = new CheckResult(CheckName.Dkim) { Authentication = [new AuthenticationResult("dkim", "temperror")] };
        Assert.Equal("temperror", Told(await RunAsync(Signed("example.org", [Spf("fail", "example.net"), dkim], "mail.example.org"))).Result);
        Assert.Equal("fail", Told(await RunAsync(Signed("example.org", [Spf("fail", "example.net"), dkim], "example.net"))).Result);
        Assert.Equal("fail", Told(await CheckAsync("example.org", Spf("fail", "example.net"), dkim)).Result);
    }

    [Fact]
    public async Task What_was_not_looked_at_never_makes_it_fail()
    {
        var withoutDkim = await RunAsync(Signed("example.org", [Spf("fail", "example.org")], "example.org"));
        Assert.Equal("permerror", Told(withoutDkim).Result);
        Assert.Equal(CheckReasons.DmarcIncomplete, withoutDkim.Reason);
        Assert.Equal(CheckAction.None, withoutDkim.Action);

        var withoutAddress = await RunAsync(Subject("example.org", [Spf("none", "example.org"), Dkim()]) with { ClientAddress = null, ReversePath = From("a@example.org") });
        Assert.Equal("permerror", Told(withoutAddress).Result);

        var ofNoMatter = await RunAsync(Subject("example.org", [Dkim()]) with { ReversePath = From("a@example.net") });
        Assert.Equal("fail", Told(ofNoMatter).Result);
    }

    [Fact]
    public async Task Of_spf_only_the_identity_of_mail_from_counts()
    {
        var helo = new CheckResult(CheckName.Spf)
        {
            Authentication = [new AuthenticationResult("spf", "pass") { Properties = [("smtp.helo", "example.org")] }],
        };
        Assert.Equal("fail", Told(await RunAsync(Subject("example.org", [helo, Dkim()]) with { ReversePath = From("a@example.net") })).Result);
        Assert.Equal("pass", Told(await RunAsync(Subject("example.org", [helo, Dkim()]) with { ReversePath = ReversePath.Null })).Result);
    }

    [Fact]
    public async Task A_message_in_the_name_of_several_domains_is_held_back()
    {
        var result = await RunAsync(Subject("example.org>, <b@example.net", [Spf("pass", "example.org"), Dkim()]));

        Assert.Equal("permerror", Told(result).Result);
        Assert.Equal(CheckReasons.DmarcNoAuthor, result.Reason);
        Assert.Equal(CheckAction.Quarantine, result.Action);
        Assert.Equal(0, result.Lookups);
    }

    [Fact]
    public async Task However_many_signatures_there_are_the_questions_are_bounded()
    {
        var signatures = Enumerable.Range(0, 1000).Select(i => ("pass", $"a{i}.b.c.d.e.f.g.h.i{i}.example.org")).ToArray();
        dns.Txt("_dmarc.i5.example.org", "v=DMARC1; p=none; psd=n");

        var result = await CheckAsync("example.org", Spf("fail", "example.net"), Dkim(signatures));

        Assert.InRange(result.Lookups, 1, 8 * 9);
        Assert.InRange(dns.Questions.Count, 1, 8 * 9);
    }

    [Theory]
    [InlineData("dmarc", "header.from", "example.org", true)]
    [InlineData("dmarc", "header.from", "example.net", false)]
    [InlineData("dkim", "header.d", "mail.example.org", true)]
    [InlineData("spf", "smtp.mailfrom", "a@example.org", true)]
    [InlineData("spf", "smtp.mailfrom", "a@example.net", false)]
    [InlineData("spf", "smtp.helo", "example.org", false)]
    public async Task A_trusted_sealer_overrides_a_failure(string method, string property, string value, bool overrides)
    {
        var arc = Arc(("lists.example.net", new AuthenticationResult(method, "pass") { Properties = [(property, value)] }));

        var result = await CheckAsync("example.org", Spf("pass", "lists.example.net"), Dkim(("fail", "example.org")), arc);

        Assert.Equal("fail", Told(result).Result);
        Assert.Equal(overrides ? CheckAction.None : CheckAction.Reject, result.Action);
        Assert.Equal(overrides ? CheckReasons.DmarcTrustedSealer : CheckReasons.DmarcFail, result.Reason);
        Assert.Equal(overrides ? DmarcOverride.LocalPolicy : null, Record(result).Override);
        Assert.Equal(overrides ? "arc=pass as[1].d=lists.example.net as[1].s=s1" : null, Record(result).OverrideComment);
    }

    [Theory]
    [InlineData("lists.example.net", "lists.example.net", true)]
    [InlineData("lists.example.net", "stranger.example", false)]
    [InlineData("stranger.example", "lists.example.net", false)]
    public async Task All_sealers_since_it_passed_must_be_trusted(string first, string second, bool overrides)
    {
        var passed = new AuthenticationResult("dmarc", "pass") { Properties = [("header.from", "example.org")] };
        var arc = Arc((first, passed), (second, passed with { Result = "fail" }));

        var result = await CheckAsync("example.org", Spf("fail", "example.net"), Dkim(), arc);

        Assert.Equal(overrides ? CheckAction.None : CheckAction.Reject, result.Action);
    }

    [Fact]
    public async Task The_record_has_what_a_report_needs()
    {
        var result = await RunAsync(Subject("mail.example.org",
            [Spf("pass", "bounce@example.net"), Dkim(("pass", "example.net"), ("fail", "example.org"))]) with
        {
            ReversePath = From("bounce@example.net"),
        });

        var record = Record(result).Applied(CheckAction.Tag, [To("b@rcpt.example"), To("c@RCPT.example")]);
        Assert.Equal(
            new DmarcRecord
            {
                At = time.GetUtcNow(),
                PolicyDomain = "example.org",
                Published = new(DmarcPolicy.Reject, DmarcPolicy.Quarantine, null, DmarcAlignment.Relaxed, DmarcAlignment.Relaxed, false, "0"),
                SourceAddress = "192.0.2.9",
                HeaderFrom = "mail.example.org",
                EnvelopeFrom = "example.net",
                EnvelopeTo = "rcpt.example",
                Policy = DmarcPolicy.Quarantine,
                Disposition = DmarcDisposition.None,
                Override = DmarcOverride.LocalPolicy,
                Spf = new("example.net", "pass", false),
                Dkim = record.Dkim,
            },
            record);
        Assert.Equal([new("example.net", "s1", "pass", false), new("example.org", "s1", "fail", false)], record.Dkim);
    }

    [Theory]
    [InlineData("fail", CheckAction.Reject, DmarcDisposition.Reject, null)]
    [InlineData("fail", CheckAction.Quarantine, DmarcDisposition.Quarantine, DmarcOverride.LocalPolicy)]
    [InlineData("fail", CheckAction.None, DmarcDisposition.None, DmarcOverride.LocalPolicy)]
    [InlineData("pass", CheckAction.None, DmarcDisposition.Pass, null)]
    [InlineData("pass", CheckAction.Tag, DmarcDisposition.Pass, null)]
    [InlineData("pass", CheckAction.Reject, DmarcDisposition.Reject, null)]
    public async Task What_was_done_is_told_with_the_reason(string spf, CheckAction action, DmarcDisposition disposition, DmarcOverride? reason)
    {
        var record = Record(await CheckAsync("example.org", Spf(spf, "example.org"), Dkim()))
            .Applied(action, [To("b@one.example"), To("c@two.example")]);

        Assert.Equal(disposition, record.Disposition);
        Assert.Equal(reason, record.Override);
        Assert.Null(record.EnvelopeTo);
    }

    [Fact]
    public async Task Where_nobody_asks_for_reports_there_is_no_record() =>
        Assert.Null(((DmarcCheckResult)await CheckAsync("watch.example", Spf("fail", "watch.example"), Dkim())).Record);

    private static DmarcRecord Record(CheckResult result) => Assert.IsType<DmarcCheckResult>(result).Record!;

    private static AuthenticationResult Told(CheckResult result) => Assert.Single(result.Authentication);

    private static CheckResult Spf(string result, string mailFrom) => new(CheckName.Spf)
    {
        Authentication = [new AuthenticationResult("spf", result) { Properties = [("smtp.mailfrom", mailFrom)] }],
    };

    private static CheckResult Dkim(params (string Result, string Domain)[] signatures) => new(CheckName.Dkim)
    {
        Authentication =
        [
            .. signatures.Select(signature => new AuthenticationResult("dkim", signature.Result)
            {
                Properties = [("header.d", signature.Domain), ("header.s", "s1")],
            }),
        ],
    };

    private static ArcCheckResult Arc(params (string Sealer, AuthenticationResult Result)[] hops) => new(new ArcChain(ArcStatus.Pass)
    {
        Hops = [.. hops.Select((hop, i) => new ArcHop(hop.Sealer, "s1", [hop.Result]) { Instance = i + 1, Before = ArcStatus.Pass, Text = "" })],
    });

    private static ReversePath From(string address) => new(Box(address));

    private static ForwardPath To(string address) => new(Box(address));

    private static Mailbox Box(string address)
    {
        Assert.True(Mailbox.TryParse(address, out var mailbox));
        return mailbox;
    }

    private static CheckSubject Subject(string author, IReadOnlyList<CheckResult> results) => new()
    {
        ClientAddress = IPAddress.Parse("192.0.2.9"),
        Helo = "mx.example.net",
        ReversePath = From("bounce@example.net"),
        Header = MessageHeader.Parse(Encoding.UTF8.GetBytes($"From: Ann <ann@{author}>\r\n\r\n")),
        Results = results,
    };

    private static CheckSubject Signed(string author, IReadOnlyList<CheckResult> results, string signer) => Subject(author, results) with
    {
        Header = MessageHeader.Parse(Encoding.UTF8.GetBytes($"DKIM-Signature: v=1; a=rsa-sha256; d={signer}; s=s1\r\nFrom: Ann <ann@{author}>\r\n\r\n")),
    };

    private Task<CheckResult> CheckAsync(string author, params CheckResult[] results) => RunAsync(Subject(author, results));

    private Task<CheckResult> RunAsync(CheckSubject subject) =>
        new DmarcCheck(dns, ["lists.example.net"], time).RunAsync(subject, TestContext.Current.CancellationToken).AsTask();
}
