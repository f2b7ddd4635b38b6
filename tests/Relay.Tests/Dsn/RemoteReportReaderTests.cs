using System.Text;
using Relay.Dsn;
using Relay.Mail;
using Relay.Spool;

namespace Relay.Tests.Dsn;

/// <summary>Reports that other hosts send, and what looks like one and is none.</summary>
public sealed class RemoteReportReaderTests
{
    private static readonly DateTimeOffset Arrived = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private const string Group = """
        Original-Recipient: rfc822; Alias@Example.org
        Final-Recipient: rfc822; a@example.net
        Action: failed
        Status: 5.1.1 (bad destination mailbox address)
        Remote-MTA: dns; mx.example.net
        Diagnostic-Code: smtp; 550 5.1.1
          No such user
        Last-Attempt-Date: Mon, 23 Nov 2026 10:00:00 +0100
        """;

    [Fact]
    public async Task What_is_said_of_a_recipient_is_read()
    {
        Assert.Equal(new RemoteReport
        {
            Action = DsnAction.Failed,
            Address = "a@example.net",
            OriginalAddress = "Alias@Example.org",
            Status = "5.1.1",
            RemoteHost = "mx.example.net",
            Reply = "550 5.1.1  No such user",
            Source = RemoteReport.FromDsn,
            At = new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero),
        }, Assert.Single(await ReadAsync(Report(Group))));
    }

    [Fact]
    public async Task Each_recipient_has_a_group_of_its_own()
    {
        var reports = await ReadAsync(Report($"""
            {Group}

            Final-Recipient: utf-8; j\x{"{FC}"}rgen@example.net
            Action: Delayed
            Will-Retry-Until: Sat, 28 Nov 2026 12:00:00 +0000



            final-recipient: <c@example.net>
            action: delivered (to mailbox)
            status: 2.0.0

            Final-Recipient: rfc822; d@example.net
            Action: transfixed

            Comment: no recipient
            Action: failed
            """));

        Assert.Equal(
            ["Failed a@example.net 5.1.1 mx.example.net", "Delayed jürgen@example.net  mail.example.net"],
            reports.Select(r => $"{r.Action} {r.Address} {r.Status} {r.RemoteHost}"));
    }

    [Theory]
    [InlineData("message/delivery-status", null)]
    [InlineData("Message/Delivery-Status; charset=us-ascii", "7bit")]
    [InlineData("message/global-delivery-status", "8bit")]
    [InlineData("message/global-delivery-status", "base64")]
    [InlineData("message/delivery-status", "quoted-printable")]
    public async Task The_part_may_be_encoded(string type, string? encoding)
    {
        var fields = $"Reporting-MTA: dns; mail.example.net\r\n\r\n{Group}\r\n".ReplaceLineEndings("\r\n");
        if (encoding == "base64")
        {
            fields = Convert.ToBase64String(Encoding.UTF8.GetBytes(fields), Base64FormattingOptions.InsertLineBreaks);
        }
        else if (encoding == "quoted-printable")
        {
            fields = fields.Replace("=", "=3D").Replace("failed", "fai=\r\nled");
        }

        var reports = await ReadAsync(Message(type, encoding, fields));

        Assert.Equal((DsnAction.Failed, "a@example.net"), (Assert.Single(reports).Action, reports[0].Address));
    }

    [Fact]
    public async Task Bare_line_feeds_do_no_harm() =>
        Assert.Single(await ReadAsync(Report(Group).Replace("\r\n", "\n")));

    [Fact]
    public async Task What_we_write_ourselves_we_read()
    {
        var text = DeliveryReportText.Write(new DeliveryReport
        {
            Id = MessageId.New(Arrived),
            HostName = "relay.test",
            Sender = new ReversePath(new Mailbox("app", "example.com")),
            About = MessageId.New(Arrived),
            ArrivedAt = Arrived,
            DecidedAt = Arrived.AddHours(-1),
            TriedUntil = Arrived,
            Recipients = [(new ForwardPath(new Mailbox("jürgen", "example.net")), new RecipientReport("x", "5.1.1", "mx[192.0.2.1]:25", "550 no") { Action = DsnAction.Failed })],
            Original = "Subject: x\r\n"u8.ToArray(),
            SenderReadsUtf8 = true,
        });

        var report = Assert.Single(await ReadAsync(Encoding.UTF8.GetString(text)));

        Assert.Equal((DsnAction.Failed, "jürgen@example.net", "5.1.1", "mx", "550 no", Arrived.AddHours(-1)),
            (report.Action, report.Address, report.Status, report.RemoteHost, report.Reply, report.At));
    }

    [Theory]
    [InlineData("Last-Attempt-Date: Mon, 23 Nov 2036 12:00:00 +0000")]
    [InlineData("Last-Attempt-Date: Mon, 23 Nov 1926 12:00:00 +0000")]
    [InlineData("Last-Attempt-Date: never")]
    [InlineData("Comment: none")]
    public async Task A_time_that_cannot_be_is_that_of_the_arrival(string field)
    {
        var report = Assert.Single(await ReadAsync(Report($"Final-Recipient: rfc822; a@example.net\r\nAction: failed\r\n{field}")));

        Assert.Equal(Arrived, report.At);
    }

    [Theory]
    [InlineData("9.1.1")]
    [InlineData("5.1")]
    [InlineData("5.1.1234")]
    [InlineData("5.1.x")]
    public async Task A_status_that_is_none_is_left_out(string status)
    {
        var report = Assert.Single(await ReadAsync(Report($"Final-Recipient: rfc822; a@example.net\r\nAction: failed\r\nStatus: {status}")));

        Assert.Null(report.Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\r\n")]
    [InlineData("no header at all")]
    [InlineData("Subject: I am away\r\nAuto-Submitted: auto-replied\r\n\r\nUntil Monday.\r\n")]
    [InlineData("Subject: failure notice\r\n\r\nHi. This host could not deliver to:\r\n<a@example.net>: no such user\r\n")]
    [InlineData("Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; a@example.net\r\nAction: failed\r\n")]
    [InlineData("Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nx: y\r\n\r\nFinal-Recipient: rfc822; a@example.net\r\nAction: failed\r\n--b--\r\n")]
    [InlineData("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nx: y\r\n\r\nFinal-Recipient: rfc822; a@example.net\r\nAction: failed\r\n--b--\r\n")]
    [InlineData("Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nwords\r\n--b--\r\n")]
    public async Task All_else_is_no_report(string message) => Assert.Empty(await ReadAsync(message));

    [Fact]
    public async Task The_report_that_the_returned_message_is_itself_is_not_read()
    {
        var inner = Report(Group);
        var outer = "Content-Type: multipart/report; report-type=delivery-status; boundary=outer\r\n\r\n" +
            $"--outer\r\n\r\nwords\r\n--outer\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--outer--\r\n";

        Assert.Empty(await ReadAsync(outer));
    }

    [Fact]
    public async Task Of_many_recipients_the_first_are_read()
    {
        var groups = string.Join("\r\n\r\n", Enumerable.Range(0, 10_000).Select(n => $"Final-Recipient: rfc822; u{n}@example.net\r\nAction: failed"));

        var reports = await ReadAsync(Report(groups));

        Assert.Equal(Enumerable.Range(0, RemoteReportReader.MaxRecipients).Select(n => $"u{n}@example.net"), reports.Select(r => r.Address));
    }

    public static TheoryData<string, string, int> Hostile => new()
    {
        { "a header of a megabyte, of many fields", string.Concat(Enumerable.Repeat("X-A: b\r\n", 130_000)) + Report(Group), 512 * 1024 },
        { "a header of a megabyte, of one field", $"X-A: {new string('b', 1024 * 1024)}\r\n{Report(Group)}", 512 * 1024 },
        { "a folded field of a megabyte", $"X-A: b{string.Concat(Enumerable.Repeat("\r\n b", 260_000))}\r\n{Report(Group)}", 512 * 1024 },
        { "a field of a megabyte in the part", Report($"X-A: {new string('b', 1024 * 1024)}\r\n{Group}"), 512 * 1024 },
        { "parts 100 deep", Nested(100), 64 * 1024 },
        { "messages 100 deep", string.Concat(Enumerable.Repeat("Content-Type: message/rfc822\r\n\r\n", 100)) + Report(Group), 64 * 1024 },
        { "a message of 50 MB that is none", "Subject: x\r\n\r\n" + new string('x', 50_000_000), 64 * 1024 },
        { "a boundary line without end", "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b" + new string('-', 3_000_000), 4_000_000 },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Hostile_messages_are_given_up_early(string what, string message, int most)
    {
        using var content = new CountingStream(Encoding.UTF8.GetBytes(message));

        var reports = await RemoteReportReader.ReadAsync(content, Arrived, default);

        Assert.True(reports.Count == 0, what);
        Assert.InRange(content.Octets, 0, most);
    }

    [Fact]
    public async Task What_is_brought_back_is_not_read()
    {
        using var content = new CountingStream(Encoding.UTF8.GetBytes(Report(Group) + new string('x', 50_000_000)));

        Assert.Single(await RemoteReportReader.ReadAsync(content, Arrived, default));

        Assert.InRange(content.Octets, 0, 64 * 1024);
    }

    [Fact]
    public async Task Words_are_one_line_and_short()
    {
        var report = Assert.Single(await ReadAsync(Report(
            $"Final-Recipient: rfc822; a@example.net\r\nAction: failed\r\nDiagnostic-Code: smtp; \u0007{new string('x', 5000)}")));

        Assert.Equal("?" + new string('x', 499), report.Reply);
    }

    private static async Task<IReadOnlyList<RemoteReport>> ReadAsync(string message)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(message));
        return await RemoteReportReader.ReadAsync(content, Arrived, default);
    }

    private static string Report(string groups) =>
        Message("message/delivery-status", null, $"Reporting-MTA: dns; mail.example.net\r\n\r\n{groups}\r\n").ReplaceLineEndings("\r\n");

    private static string Message(string type, string? encoding, string fields) => $"""
        Subject: Undelivered
        MIME-Version: 1.0
        Content-Type: Multipart/Report; Report-Type="Delivery-Status";
         boundary="b"

        --b
        Content-Type: text/plain

        It did not arrive.
        --b
        Content-Type: {type}{(encoding is null ? "" : $"\r\nContent-Transfer-Encoding: {encoding}")}

        {fields}
        --b
        Content-Type: text/rfc822-headers

        Subject: original

        --b--

        """.ReplaceLineEndings("\r\n");

    private static string Nested(int depth)
    {
        var message = new StringBuilder("Content-Type: multipart/report; report-type=delivery-status; boundary=b0\r\n\r\n");
        for (var n = 1; n < depth; n++)
        {
            message.Append($"--b{n - 1}\r\nContent-Type: multipart/mixed; boundary=b{n}\r\n\r\n");
        }

        return message.Append($"--b{depth - 1}\r\nContent-Type: message/delivery-status\r\n\r\nx: y\r\n\r\n{Group}\r\n").ToString().ReplaceLineEndings("\r\n");
    }

    private sealed class CountingStream(byte[] octets) : MemoryStream(octets)
    {
        public long Octets { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await base.ReadAsync(buffer, cancellationToken);
            Octets += read;
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }
}
