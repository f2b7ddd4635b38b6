using System.Text;
using Relay.Checks;
using Relay.Mail;
using Relay.Replies;

namespace Relay.Tests.Checks;

public sealed class CheckMarksTests
{
    private static readonly CheckResult Spf = new(CheckName.Spf)
    {
        Authentication = [new AuthenticationResult("spf", "pass") { Properties = [("smtp.mailfrom", "example.org")] }],
        Fields = ["Received-SPF: pass\r\n"],
    };

    [Fact]
    public void What_was_found_stands_in_front_of_the_content()
    {
        var (length, octets) = Head("Received: x\r\nSubject: y\r\n\r\nbody", Spf);

        Assert.Equal(0, length);
        Assert.Equal("Authentication-Results: relay.test;\r\n\tspf=pass smtp.mailfrom=example.org\r\nReceived-SPF: pass\r\n", octets);
    }

    [Fact]
    public void What_goes_on_in_spite_of_a_fault_is_tagged_with_its_reason()
    {
        var tag = new CheckResult(CheckName.Helo) { Action = CheckAction.Tag, Reason = "helo-not-a-host", Refusal = new SmtpReply(550, 7, 1, "no") };

        var (_, octets) = Head("\r\n", tag, tag with { Reason = "no-reverse-dns" }, tag);

        Assert.Equal("X-Relay-Checks: helo-not-a-host,\r\n\tno-reverse-dns\r\n", octets);
    }

    [Theory]
    [InlineData("Authentication-Results: relay.test; dkim=pass")]
    [InlineData("authentication-results : (a (nested) comment) RELAY.test 1; dkim=pass")]
    [InlineData("Authentication-Results:\r\n \"relay.test\"\r\n\t; dkim=pass")]
    [InlineData("Authentication-Results: \"relay\\.test\"; dkim=pass")]
    [InlineData("Authentication-Results: \"re\\lay.te\\st\"; dkim=pass")]
    public void A_field_that_claims_our_name_is_taken_out(string forged)
    {
        var (length, octets) = Head($"Received: x\r\n{forged}\r\nSubject: y\r\n\r\nbody", Spf);

        Assert.EndsWith("Received-SPF: pass\r\nReceived: x\r\n", octets);
        Assert.DoesNotContain("dkim", octets);
        Assert.Equal($"Received: x\r\n{forged}\r\n".Length, length);
    }

    [Fact]
    public void All_forged_fields_are_taken_out_and_what_stands_between_them_stays()
    {
        var (length, octets) = Head(
            "Authentication-Results: relay.test; a\r\nTo: b\r\n folded\r\nAuthentication-Results: relay.test; c\r\nSubject: y\r\n\r\nbody");

        Assert.Equal("To: b\r\n folded\r\n", octets);
        Assert.Equal("Authentication-Results: relay.test; a\r\nTo: b\r\n folded\r\nAuthentication-Results: relay.test; c\r\n".Length, length);
    }

    [Fact]
    public void Fields_of_others_stay()
    {
        var (length, _) = Head("Authentication-Results: other.test; dkim=pass\r\nAuthentication-Results: relay.test.evil; a\r\n\r\n", Spf);

        Assert.Equal(0, length);
    }

    [Fact]
    public void A_member_is_told_of_faults_and_keeps_its_own_fields()
    {
        var header = MessageHeader.Parse("Authentication-Results: relay.test; auth=pass\r\n\r\n"u8.ToArray());
        var tag = new CheckResult(CheckName.Filter) { Action = CheckAction.Tag, Reason = "filter-tag" };

        Assert.Null(CheckMarks.Head("relay.test", header, [new CheckResult(CheckName.Header)], isMember: true));
        var head = CheckMarks.Head("relay.test", header, [tag], isMember: true);

        Assert.Equal((0, "X-Relay-Checks: filter-tag\r\n"), (head!.Length, Encoding.ASCII.GetString(head.Octets.Span)));
    }

    [Fact]
    public void The_timeline_tells_results_and_causes()
    {
        var helo = new CheckResult(CheckName.Helo) { Action = CheckAction.Tag, Reason = "helo-not-a-host", Detail = "'x' is no name" };

        var line = Assert.Single(CheckMarks.Events(DateTimeOffset.UnixEpoch, [helo, Spf]));

        Assert.Equal("spf=pass; Helo: helo-not-a-host ('x' is no name)", line.Detail);
        Assert.Empty(CheckMarks.Events(DateTimeOffset.UnixEpoch, []));
    }

    private static (int Length, string Octets) Head(string content, params CheckResult[] results)
    {
        var head = CheckMarks.Head("relay.test", MessageHeader.Parse(Encoding.ASCII.GetBytes(content)), results, isMember: false);
        return head is null ? (0, "") : (head.Length, Encoding.ASCII.GetString(head.Octets.Span));
    }
}
