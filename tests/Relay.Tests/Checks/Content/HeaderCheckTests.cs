using System.Text;
using Relay.Checks;
using Relay.Checks.Content;
using Relay.Mail;

namespace Relay.Tests.Checks.Content;

public sealed class HeaderCheckTests
{
    private const string Good = "From: a@example.com\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\n";

    [Theory]
    [InlineData(Good + "Subject: hello\r\n\r\nbody\r\n")]
    [InlineData(Good + "\r\n")]
    [InlineData(Good)]
    [InlineData(Good + "Subject: gr\u00FC\u00DFe\r\n\r\n")]
    [InlineData(Good + "Subject : obsolete white space\r\n\r\n")]
    [InlineData(Good + "Received: from x\r\nReceived: from y\r\nReceived: from z\r\n\r\n")]
    [InlineData(Good + "Resent-From: b@example.com\r\nResent-From: c@example.com\r\n\r\n")]
    [InlineData(Good + "To: a@example.com,\r\n\tb@example.com,\r\n c@example.com\r\n\r\n")]
    [InlineData(Good + "Content-Type: text/plain\r\n\r\nFrom: in the body\r\nno field\r\n\0\r\n")]
    public async Task A_header_in_order_asks_for_nothing(string message)
    {
        var result = await RunAsync(message);

        Assert.Equal(CheckAction.None, result.Action);
        Assert.Null(result.Reason);
        Assert.Null(result.Refusal);
    }

    [Theory]
    [InlineData("X: a\0b\r\n", CheckReasons.HeaderNul, "550 5.6.0 The header holds a NUL octet: take it out or encode it")]
    [InlineData("just text\r\n", CheckReasons.HeaderNotAField, "550 5.6.0 A line of the header is no field: give it a name and a colon, or put an empty line before the body")]
    [InlineData("From a@example.com Thu Jan 1 00:00:00 2026\r\n", CheckReasons.HeaderNotAField, null)]
    [InlineData("X Y: z\r\n", CheckReasons.HeaderNotAField, null)]
    [InlineData("X\u00FC: z\r\n", CheckReasons.HeaderNotAField, null)]
    [InlineData(": z\r\n", CheckReasons.HeaderNotAField, null)]
    [InlineData("from: b@example.com\r\n", CheckReasons.HeaderFromRepeated, "550 5.6.0 The header has more than one From field: leave one")]
    [InlineData("From : b@example.com\r\n", CheckReasons.HeaderFromRepeated, null)]
    public async Task What_is_no_header_asks_to_be_refused(string line, string reason, string? reply)
    {
        var result = await RunAsync(Good + line + "\r\nbody\r\n");

        Assert.Equal((CheckAction.Reject, reason), (result.Action, result.Reason));
        Assert.Equal(reply ?? result.Refusal!.ToString(), result.Refusal!.ToString());
        Assert.Equal("550 5.6.0", result.Refusal!.ToString()[..9]);
    }

    [Theory]
    [InlineData("Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n", CheckReasons.HeaderFieldMissing)]
    [InlineData("From: a@example.com\r\n", CheckReasons.HeaderFieldMissing)]
    [InlineData(Good + "Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n", CheckReasons.HeaderFieldRepeated)]
    [InlineData(Good + "Subject: one\r\nSUBJECT: two\r\n", CheckReasons.HeaderFieldRepeated)]
    [InlineData(Good + "Message-ID: <1@a>\r\nMessage-Id: <2@a>\r\n", CheckReasons.HeaderFieldRepeated)]
    [InlineData(Good + "To: b@a\r\nTo: c@a\r\n", CheckReasons.HeaderFieldRepeated)]
    [InlineData(Good + "Cc: b@a\r\nCc: c@a\r\n", CheckReasons.HeaderFieldRepeated)]
    [InlineData(Good + "Sender: b@a\r\nSender: c@a\r\n", CheckReasons.HeaderFieldRepeated)]
    [InlineData(Good + "Reply-To: b@a\r\nReply-To: c@a\r\n", CheckReasons.HeaderFieldRepeated)]
    public async Task What_is_only_untidy_is_told_of(string header, string reason)
    {
        var result = await RunAsync(header + "\r\nbody\r\n");

        Assert.Equal((CheckAction.Tag, reason), (result.Action, result.Reason));
        Assert.Null(result.Refusal);
    }

    [Theory]
    [InlineData(998, false)]
    [InlineData(999, true)]
    public async Task A_line_may_have_998_octets(int length, bool isRefused)
    {
        var line = "X: " + new string('x', length - 3);

        var first = await RunAsync($"{Good}{line}\r\n\r\n");
        var folded = await RunAsync($"{Good}Y: y\r\n {new string('y', length - 1)}\r\n\r\n");

        var expected = isRefused ? CheckReasons.HeaderLineTooLong : null;
        Assert.Equal((expected, expected), (first.Reason, folded.Reason));
    }

    [Fact]
    public async Task The_worst_decides_and_the_log_has_all()
    {
        var result = await RunAsync("From: a@a\r\nFrom: b@b\r\nno field\r\nSubject: a\r\nSubject: b\r\n\r\n");

        Assert.Equal(CheckReasons.HeaderFromRepeated, result.Reason);
        Assert.Equal("header-from-repeated, header-not-a-field, header-field-repeated, header-field-missing", result.Detail);
    }

    [Theory]
    [InlineData("")]
    [InlineData("printed page 1\r\nprinted page 2\r\n")]
    [InlineData("Subject: a fax\r\n\r\nbody\r\n")]
    [InlineData("Subject: a\r\nSubject: b\r\n\r\nbody\r\n")]
    [InlineData("From root Thu Jan 1 00:00:00 2026\r\nFrom: root\r\n\r\nbody\r\n")]
    public async Task What_printers_and_scripts_of_members_send_asks_for_nothing(string message)
    {
        Assert.NotEqual(CheckAction.None, (await RunAsync(message)).Action);

        Assert.Equal(new CheckResult(CheckName.Header), await RunAsync(message, isMember: true), (a, b) => a.Action == b.Action && a.Reason == b.Reason);
    }

    [Theory]
    [InlineData("X: \0\r\n", CheckReasons.HeaderNul)]
    [InlineData("From: a@a\r\nFrom: b@b\r\n", CheckReasons.HeaderFromRepeated)]
    public async Task What_no_next_hop_can_read_asks_to_be_refused_of_members_too(string header, string reason)
    {
        var result = await RunAsync(header + "\r\n", isMember: true);

        Assert.Equal((CheckAction.Reject, reason), (result.Action, result.Reason));
    }

    [Theory]
    [InlineData(10_000, 10)]
    [InlineData(5, 1_000_000)]
    public async Task A_header_without_end_is_read_no_further_than_its_limits(int fields, int length)
    {
        var message = new StringBuilder(Message.OwnField);
        for (var i = 0; i < fields; i++)
        {
            message.Append("X-").Append(i).Append(": ").AppendJoin("\r\n ", Enumerable.Repeat(new string('x', 500), length / 500 + 1)).Append("\r\n");
        }

        message.Append("\r\nbody\r\n");
        using var content = new CountedStream(Encoding.ASCII.GetBytes(message.ToString()));

        var result = await new HeaderCheck().RunAsync(await Message.Of(content, isMember: true), CancellationToken.None);

        Assert.Equal((CheckAction.Reject, CheckReasons.HeaderTooLarge), (result.Action, result.Reason));
        Assert.True(content.Octets <= MessageHeader.MaxLength, $"{content.Octets} octets were read");
    }

    /// <summary>The others break RFC 5322 §2.2: a mailbox file's first line (25, 43), a text without a header (19), no empty line before the body (35).</summary>
    [Fact]
    public async Task Of_the_messages_of_the_mime_suite_only_those_with_a_line_that_is_no_field_are_refused()
    {
        List<string> refused = [];
        foreach (var (name, content) in MimeSuite.Messages())
        {
            var message = Encoding.Latin1.GetString(content);
            var result = await RunAsync(message);
            if (result.Action == CheckAction.Reject)
            {
                refused.Add($"{name} {result.Reason}");
            }

            Assert.Equal(CheckAction.None, (await RunAsync(message, isMember: true)).Action);
        }

        Assert.Equal(
        [
            "msg_19.eml header-not-a-field", "msg_25.eml header-not-a-field", "msg_35.eml header-not-a-field", "msg_43.eml header-not-a-field",
        ],
        refused);
    }

    [Fact]
    public async Task Without_a_header_there_is_nothing_to_say() =>
        Assert.Equal(CheckAction.None, (await new HeaderCheck().RunAsync(new CheckSubject(), CancellationToken.None)).Action);

    private static async Task<CheckResult> RunAsync(string message, bool isMember = false) =>
        await new HeaderCheck().RunAsync(await Message.Of(message, isMember), CancellationToken.None);
}
