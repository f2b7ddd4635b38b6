using System.Text;
using System.Text.Json;
using MimeKit;
using Relay.Mail;
using Relay.Replies;
using Relay.Spool;
using Relay.Status;
using Relay.Transport;

namespace Relay.Tests.Delivery;

/// <summary>Who is told what of a message (RFC 3461 §5.2, §6), as another library reads it.</summary>
public sealed class NoticeTests
{
    private const string Original = "Subject: test\r\nX-One: 1\r\n\r\nbody\r\n.\r\nmore\r\n";
    private static readonly RecipientOutcome HandedOn = StepHarness.Ok with { DsnHandedOn = true };

    [Theory]
    [InlineData(DsnNotify.None, true)]
    [InlineData(DsnNotify.Failure, true)]
    [InlineData(DsnNotify.Failure | DsnNotify.Delay, true)]
    [InlineData(DsnNotify.Never, false)]
    [InlineData(DsnNotify.Success | DsnNotify.Delay, false)]
    public async Task A_failure_is_reported_to_who_asked_for_it_or_for_nothing(DsnNotify notify, bool told)
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Bounce };
        var id = await relay.AcceptAsync(Original, Asking(To("a@example.net", notify)));

        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Equal(told ? 1 : 0, (await relay.PeekAsync(WorkQueue.Notify)).Count);
        var silence = (await relay.StatusAsync(id)).Events!.SingleOrDefault(e => e.Kind == StatusEvents.NotNotified);
        Assert.Equal(told ? null : $"the sender asked for NOTIFY={notify.Encode()}", silence?.Detail);
        Assert.Equal(told ? null : 0, silence?.Recipient);
    }

    [Theory]
    [InlineData(DsnNotify.None, Reasons.Delivered, false, null)]
    [InlineData(DsnNotify.Never, Reasons.Delivered, false, null)]
    [InlineData(DsnNotify.Failure, Reasons.Delivered, false, null)]
    [InlineData(DsnNotify.Success, Reasons.Delivered, true, null)]
    [InlineData(DsnNotify.Success, Reasons.Delivered, false, "relayed")]
    [InlineData(DsnNotify.Success | DsnNotify.Failure, Reasons.Captured, false, "delivered")]
    [InlineData(DsnNotify.Success, Reasons.Discarded, false, "delivered")]
    public async Task A_success_is_reported_to_who_asked_where_nobody_else_will(
        DsnNotify notify, string reason, bool handedOn, string? action)
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Ok with { Reason = reason, DsnHandedOn = handedOn } };
        await relay.AcceptAsync(Original, Asking(To("a@example.net", notify)));

        await relay.RunAsync(WorkQueue.Accepted);

        if (action is null)
        {
            Assert.Empty(await relay.PeekAsync(WorkQueue.Notify));
            return;
        }

        var (report, fields, dsn) = await NoticeAsync(relay);
        Assert.Equal(action, fields[1]["Action"]);
        Assert.Equal("2.0.0", fields[1]["Status"]);
        Assert.Equal("dns; mx.test", fields[1]["Remote-MTA"]);
        Assert.Equal("text/rfc822-headers", report[2].ContentType.MimeType);
        Assert.Contains(action == "relayed" ? "handed on" : "was delivered", dsn.Subject);
    }

    [Fact]
    public async Task Nobody_is_told_of_the_success_of_mail_from_the_null_reverse_path()
    {
        await using var relay = new StepHarness();
        await relay.AcceptAsync(Original, Asking(To("a@example.net", DsnNotify.Success)) with { ReversePath = ReversePath.Null });

        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Empty(await relay.PeekAsync(WorkQueue.Notify));
    }

    [Fact]
    public async Task One_notice_says_all_that_one_attempt_brought_and_was_asked_for()
    {
        await using var relay = new StepHarness
        {
            Outcome = to => to[0] switch { 'a' or 'd' => StepHarness.Bounce, 'b' => StepHarness.Ok, _ => HandedOn },
        };
        await relay.AcceptAsync(Original, Asking(
            To("a@example.net", DsnNotify.Failure) with { OriginalRecipient = new("rfc822", "Alias+a=b@Example.ORG") },
            To("b@example.net", DsnNotify.Success) with { OriginalRecipient = new("utf-8", "jürgen@example.org") },
            To("c@example.net", DsnNotify.Success),
            To("d@example.net", DsnNotify.Never)) with
        {
            EnvelopeId = "QQ 314+159",
        });

        await relay.RunAsync(WorkQueue.Accepted);
        var (_, fields, dsn) = await NoticeAsync(relay);

        Assert.Equal(3, fields.Count);
        Assert.Equal("QQ 314+159", fields[0]["Original-Envelope-Id"]);
        Assert.Equal("dns; relay.test", fields[0]["Reporting-MTA"]);
        Assert.Equal(
            ("rfc822; Alias+a=b@Example.ORG", "rfc822; a@example.net", "failed", "5.1.1", "smtp; 550 5.1.1 No such user"),
            (fields[1]["Original-Recipient"], fields[1]["Final-Recipient"], fields[1]["Action"], fields[1]["Status"], fields[1]["Diagnostic-Code"]));
        Assert.Equal(
            ("utf-8; j\\x{FC}rgen@example.org", "rfc822; b@example.net", "relayed", "2.0.0"),
            (fields[2]["Original-Recipient"], fields[2]["Final-Recipient"], fields[2]["Action"], fields[2]["Status"]));
        Assert.Equal("Your message could not be delivered", dsn.Subject);
        Assert.Equal("app@example.com", Assert.Single(dsn.To.Mailboxes).Address);
    }

    [Fact]
    public async Task Without_parameters_there_are_no_fields_of_them()
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Bounce };
        await relay.AcceptAsync(Original, Asking(To("a@example.net", DsnNotify.None)));

        await relay.RunAsync(WorkQueue.Accepted);
        var (report, fields, _) = await NoticeAsync(relay);

        Assert.False(fields[0].Contains("Original-Envelope-Id"));
        Assert.False(fields[1].Contains("Original-Recipient"));
        Assert.Equal("text/rfc822-headers", report[2].ContentType.MimeType);
    }

    [Theory]
    [InlineData("body\r\n")]
    [InlineData("Grüße\r\n")]
    [InlineData("no line end")]
    [InlineData("--=_boundary\r\n\r\n.\r\n")]
    public async Task RET_FULL_brings_the_whole_message_back_as_it_was(string body)
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Bounce };
        var text = $"Subject: test\r\nX-One: 1\r\n\r\n{body}";
        await relay.AcceptAsync(text, Asking(To("a@example.net", DsnNotify.None)) with { Return = DsnReturn.Full });

        await relay.RunAsync(WorkQueue.Accepted);
        var (report, _, _) = await NoticeAsync(relay);

        Assert.Equal("message/rfc822", report[2].ContentType.MimeType);
        var returned = Assert.IsType<MessagePart>(report[2]).Message!;
        using var octets = new MemoryStream();
        await returned.WriteToAsync(new FormatOptions { NewLineFormat = NewLineFormat.Dos }, octets);
        Assert.StartsWith("Received: ", Encoding.UTF8.GetString(octets.ToArray()));
        Assert.EndsWith(text, Encoding.UTF8.GetString(octets.ToArray()));
        var work = Assert.Single(await relay.PeekAsync(WorkQueue.Accepted)).Work;
        Assert.Equal(Ascii.IsValid(body) ? BodyType.SevenBit : BodyType.EightBitMime, work.Envelope.Body);
    }

    [Theory]
    [InlineData(DsnReturn.Headers, BodyType.SevenBit, false, 10, "5.1.1")]
    [InlineData(DsnReturn.Full, BodyType.BinaryMime, false, 10, "5.1.1")]
    [InlineData(DsnReturn.Full, BodyType.SevenBit, true, 10, "5.1.1")]
    [InlineData(DsnReturn.Full, BodyType.SevenBit, false, 1024 * 1024, "5.1.1")]
    [InlineData(DsnReturn.Full, BodyType.SevenBit, false, 10, null)]
    public async Task Otherwise_only_its_header_comes_back(DsnReturn @return, BodyType body, bool requireTls, int size, string? failure)
    {
        await using var relay = new StepHarness { Outcome = _ => failure is null ? StepHarness.Ok : StepHarness.Bounce };
        await relay.AcceptAsync(
            "Subject: test\r\nX-One: 1\r\n\r\n" + string.Concat(Enumerable.Repeat("secret!\r\n", size / 9)),
            Asking(To("a@example.net", DsnNotify.Success | DsnNotify.Failure)) with { Return = @return, Body = body, RequireTls = requireTls });

        await relay.RunAsync(WorkQueue.Accepted);
        var (report, _, dsn) = await NoticeAsync(relay);

        Assert.Equal("text/rfc822-headers", report[2].ContentType.MimeType);
        Assert.Contains("X-One: 1", dsn.ToString());
        Assert.DoesNotContain("secret!", dsn.ToString());
    }

    [Fact]
    public async Task A_notice_of_a_message_that_asked_for_TLS_asks_for_it_too()
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Bounce };
        await relay.AcceptAsync(Original, Asking(To("a@example.net", DsnNotify.None)) with { RequireTls = true });
        await relay.RunAsync(WorkQueue.Accepted);
        Assert.True(Assert.Single(relay.Attempts).Envelope.RequireTls);

        await relay.RunAsync(WorkQueue.Notify);

        Assert.True(Assert.Single(await relay.PeekAsync(WorkQueue.Accepted)).Work.Envelope.RequireTls);
    }

    [Fact]
    public async Task What_the_client_asked_for_reaches_the_transport_with_each_recipient()
    {
        await using var relay = new StepHarness();
        await relay.AcceptAsync(Original, Asking(To("a@one.test", DsnNotify.Never), To("b@two.test", DsnNotify.Delay)) with
        {
            Return = DsnReturn.Headers,
            EnvelopeId = "id",
        });

        await relay.RunAsync(WorkQueue.Accepted);
        await relay.RunAsync(WorkQueue.Delivery);

        Assert.All(relay.Attempts, a => Assert.Equal((DsnReturn.Headers, "id"), (a.Envelope.Return, a.Envelope.EnvelopeId)));
        Assert.Equal(
            ["a@one.test Never", "b@two.test Delay"],
            relay.Attempts.Select(a => $"{Assert.Single(a.Recipients)} {a.Recipients[0].Notify}").Order());
    }

    [Fact]
    public void Work_that_was_stored_before_successes_were_reported_is_read_as_failures()
    {
        var detail = JsonSerializer.Deserialize(
            """{"Recipients":[0],"Failures":[{"Reason":"remote-permanent","Status":"5.1.1","RemoteHost":"mx[192.0.2.1]:25","Reply":"550 no"}]}""",
            SpoolJson.Default.WorkDetail)!;

        Assert.Equal(new RecipientReport("remote-permanent", "5.1.1", "mx[192.0.2.1]:25", "550 no") { Action = DsnAction.Failed }, Assert.Single(detail.Reports!));
    }

    private static ForwardPath To(string address, DsnNotify notify) =>
        Mailbox.TryParse(address, out var mailbox) ? new ForwardPath(mailbox) { Notify = notify } : throw new ArgumentException(address);

    private static Envelope Asking(params ForwardPath[] recipients) => new()
    {
        ReversePath = new ReversePath(new Mailbox("app", "example.com")),
        Recipients = recipients,
    };

    /// <summary>Runs the one notification, and reads the notice.</summary>
    private static async Task<(MultipartReport Report, HeaderListCollection Fields, MimeMessage Dsn)> NoticeAsync(StepHarness relay)
    {
        await relay.RunAsync(WorkQueue.Notify);
        var work = Assert.Single(await relay.PeekAsync(WorkQueue.Accepted)).Work;
        Assert.True(work.Envelope.ReversePath.IsNull);
        await using var content = (await relay.Spool.OpenContentAsync(work.Message, default))!;
        var dsn = await MimeMessage.LoadAsync(content);
        var report = Assert.IsType<MultipartReport>(dsn.Body);
        Assert.Equal("delivery-status", report.ReportType);
        Assert.Equal(3, report.Count);
        return (report, Assert.IsType<MessageDeliveryStatus>(report[1]).StatusGroups, dsn);
    }
}
