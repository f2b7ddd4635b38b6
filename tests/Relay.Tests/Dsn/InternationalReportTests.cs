using System.Diagnostics;
using System.Text;
using MimeKit;
using Relay.Mail;
using Relay.Spool;
using Relay.Support;
using Relay.Tests.Delivery;

namespace Relay.Tests.Dsn;

/// <summary>Which form a report takes (RFC 6533), as MimeKit and Python's email package read it.</summary>
public sealed class InternationalReportTests
{
    private const string Ascii = "Subject: test\r\n\r\nbody\r\n";
    private const string Utf8 = "Subject: Grüße\r\n\r\nKörper\r\n";

    [Theory]
    [InlineData(true, "jürgen@example.net", Ascii, null, true)]
    [InlineData(true, "a@bücher.example", Ascii, null, true)]
    [InlineData(true, "a@example.net", Utf8, null, true)]
    [InlineData(true, "a@example.net", Ascii, "jürgen@example.org", true)]
    [InlineData(true, "a@example.net", Ascii, null, false)]
    [InlineData(false, "a@example.net", Utf8, "jürgen@example.org", false)]
    public async Task Only_where_something_is_not_ASCII_and_the_sender_used_SMTPUTF8_it_is_in_UTF8(
        bool smtpUtf8, string recipient, string text, string? original, bool international)
    {
        foreach (var @return in new[] { DsnReturn.Full, DsnReturn.Headers })
        {
            var dsn = await FailAsync(smtpUtf8, "app@example.com", recipient, text, original, @return);

            Assert.Equal(international, dsn.Work.Envelope.SmtpUtf8);
            Assert.Equal(international ? "message/global-delivery-status" : "message/delivery-status", dsn.Report[1].ContentType.MimeType);
            Assert.Equal((@return, international) switch
            {
                (DsnReturn.Full, true) => "message/global",
                (DsnReturn.Full, false) => "message/rfc822",
                (DsnReturn.Headers, true) => "message/global-headers",
                _ => "text/rfc822-headers",
            }, dsn.Report[2].ContentType.MimeType);
            var fields = dsn.Fields[1];
            Assert.Equal($"{(System.Text.Ascii.IsValid(recipient) ? "rfc822" : "utf-8")}; {recipient}", fields["Final-Recipient"]);
            Assert.Equal(original is null ? null : international ? "utf-8; jürgen@example.org" : "utf-8; j\\x{FC}rgen@example.org", fields["Original-Recipient"]);
            var subject = dsn.Report[2] is MessagePart whole ? whole.Message!.Subject : ((TextRfc822Headers)dsn.Report[2]).Message!.Subject;
            Assert.Equal(text == Utf8 ? "Grüße" : "test", subject);
        }
    }

    [Fact]
    public async Task A_sender_whose_address_is_not_ASCII_is_told_in_UTF8()
    {
        var dsn = await FailAsync(smtpUtf8: true, "jürgen@example.com", "a@example.net", Ascii, null, DsnReturn.Headers);

        Assert.True(dsn.Work.Envelope.SmtpUtf8);
        Assert.Equal("jürgen@example.com", Assert.Single(dsn.Message.To.Mailboxes).Address);
    }

    [Fact]
    public async Task What_is_in_ASCII_holds_no_other_octet()
    {
        var dsn = await FailAsync(smtpUtf8: false, "app@example.com", "a@example.net", Ascii, "jürgen@example.org", DsnReturn.Full);

        Assert.True(System.Text.Ascii.IsValid(dsn.Octets));
        Assert.Equal(BodyType.SevenBit, dsn.Work.Envelope.Body);
    }

    [Theory]
    [InlineData(true, "jürgen@example.net", Utf8, DsnReturn.Full)]
    [InlineData(true, "jürgen@example.net", Utf8, DsnReturn.Headers)]
    [InlineData(false, "a@example.net", Ascii, DsnReturn.Full)]
    [InlineData(false, "a@example.net", Utf8, DsnReturn.Headers)]
    public async Task Python_reads_the_same(bool smtpUtf8, string recipient, string text, DsnReturn @return)
    {
        var dsn = await FailAsync(smtpUtf8, "app@example.com", recipient, text, "jürgen@example.org", @return);

        var lines = await PythonAsync(dsn.Octets);

        var type = smtpUtf8 ? "utf-8" : "rfc822";
        Assert.Equal(
            [
                "defects 0",
                "report multipart/report delivery-status",
                "auto auto-replied",
                $"part {(smtpUtf8 ? "message/global-delivery-status" : "message/delivery-status")}",
                "field Reporting-MTA dns; relay.test",
                $"field Final-Recipient {type}; {recipient}",
                $"field Original-Recipient utf-8; {(smtpUtf8 ? "jürgen@example.org" : "j\\x{FC}rgen@example.org")}",
                "field Action failed",
                "field Status 5.1.1",
                "field Remote-MTA dns; mx.test",
                "field Diagnostic-Code smtp; 550 5.1.1 No such user",
                "field Last-Attempt-Date Mon, 23 Nov 2026 12:00:00 +0000",
                "field Arrival-Date Mon, 23 Nov 2026 12:00:00 +0000",
                $"part {dsn.Report[2].ContentType.MimeType}",
                $"original {(text == Utf8 ? "Grüße" : "test")}",
            ], lines);
    }

    private static async Task<Sent> FailAsync(
        bool smtpUtf8, string sender, string recipient, string text, string? original, DsnReturn @return)
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Bounce };
        await relay.AcceptAsync(text, new Envelope
        {
            ReversePath = new ReversePath(Parse(sender)),
            Recipients = [new ForwardPath(Parse(recipient)) { OriginalRecipient = original is null ? null : new("utf-8", original) }],
            SmtpUtf8 = smtpUtf8,
            Body = BodyType.EightBitMime,
            Return = @return,
        });
        await relay.RunAsync(WorkQueue.Accepted);
        var dsn = Assert.Single(await relay.NoticesAsync());
        await using var content = (await relay.Spool.OpenContentAsync(dsn.Work.Message, default))!;
        var octets = new byte[content.Length];
        await content.ReadExactlyAsync(octets);
        return new Sent(dsn.Work, dsn.Message, octets);
    }

    private static Mailbox Parse(string address) =>
        Mailbox.TryParse(address, out var mailbox) ? mailbox : throw new ArgumentException(address);

    /// <summary>What the email package of Python finds in it: a line for each thing that programs look for.</summary>
    private static async Task<string[]> PythonAsync(byte[] octets)
    {
        const string Script = """
            import email, sys, io
            from email import policy
            raw = sys.stdin.buffer.read()
            out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="\n")
            message = email.message_from_bytes(raw, policy=policy.compat32)
            # Octets above 127 as it keeps them, read as UTF-8.
            fields_of = lambda part: {name: value.encode("utf-8", "surrogateescape").decode("utf-8") for name, value in part.raw_items()}
            print("defects", sum(len(part.defects) for part in message.walk()), file=out)
            print("report", message.get_content_type(), message.get_param("report-type"), file=out)
            print("auto", message["Auto-Submitted"], file=out)
            parts = message.get_payload()
            print("part", parts[1].get_content_type(), file=out)
            groups = parts[1].get_payload()
            if parts[1].get_content_type() != "message/delivery-status":
                # Known to it as a message: the first group is its header, and the rest its body.
                first = groups[0]
                groups = [first] + [email.message_from_bytes(group) for group in first.get_payload(decode=True).replace(b"\r\n", b"\n").split(b"\n\n") if group.strip()]
            fields = {}
            for group in groups:
                fields.update(fields_of(group))
            for name in ("Reporting-MTA", "Final-Recipient", "Original-Recipient", "Action", "Status", "Remote-MTA", "Diagnostic-Code", "Last-Attempt-Date", "Arrival-Date"):
                print("field", name, fields.get(name), file=out)
            print("part", parts[2].get_content_type(), file=out)
            original = parts[2].get_payload()
            original = original[0] if isinstance(original, list) else email.message_from_bytes(parts[2].get_payload(decode=True))
            print("original", fields_of(original)["Subject"], file=out)
            out.flush()
            """;
        var start = new ProcessStartInfo(Needs.Program("python3", "Python"), ["-c", Script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        using var python = Process.Start(start)!;
        await python.StandardInput.BaseStream.WriteAsync(octets);
        python.StandardInput.Close();
        var output = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        Assert.Equal(0, python.ExitCode);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private sealed record Sent(WorkItem Work, MimeMessage Message, byte[] Octets)
    {
        public MultipartReport Report { get; } = Assert.IsType<MultipartReport>(Message.Body);

        public HeaderListCollection Fields => Assert.IsType<MessageDeliveryStatus>(Report[1]).StatusGroups;
    }
}
