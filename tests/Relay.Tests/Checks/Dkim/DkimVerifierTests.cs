using System.Security.Cryptography;
using System.Text;
using Relay.Checks.Dkim;
using Relay.Mail;
using Relay.Signing;
using Relay.Support;

namespace Relay.Tests.Checks.Dkim;

public sealed class DkimVerifierTests
{
    /// <summary>RFC 8463 appendix A.3.</summary>
    private const string Published = """
        DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
         d=football.example.com; i=@football.example.com;
         q=dns/txt; s=brisbane; t=1528637909; h=from : to :
         subject : date : message-id : from : subject : date;
         bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
         b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
         Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
        DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
         d=football.example.com; i=@football.example.com;
         q=dns/txt; s=test; t=1528637909; h=from : to : subject :
         date : message-id : from : subject : date;
         bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
         b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
         DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
         dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
        From: Joe SixPack <joe@football.example.com>
        To: Suzie Q <suzie@shopping.example.net>
        Subject: Is dinner ready?
        Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
        Message-ID: <20030712040037.46341.5F8J@football.example.com>

        Hi.

        We lost the game.  Are you hungry yet?

        Joe.

        """;

    [Fact]
    public async Task The_published_message_passes_with_both_algorithms()
    {
        var dns = new TableDns()
            .Txt("brisbane._domainkey.football.example.com", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
            .Txt("test._domainkey.football.example.com", "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB");

        var report = await Letter.VerifyAsync(Published.ReplaceLineEndings("\r\n"), dns);

        Assert.Equal(["pass", "pass"], report.Results.Select(Letter.Said));
        Assert.Equal(2, report.Lookups);
    }

    [Theory]
    [InlineData("relaxed/relaxed", "At noon?  ", "At noon? ", "pass")]
    [InlineData("relaxed/relaxed", "Lunch", " Lunch ", "pass")]
    [InlineData("relaxed/relaxed", "Subject:", "SUBJECT :", "pass")]
    [InlineData("relaxed/relaxed", "Ann\r\n\r\n", "Ann\r\n\r\n\r\n", "pass")]
    [InlineData("relaxed/relaxed", "noon", "ten", "fail: the body is not the one that was signed")]
    [InlineData("relaxed/relaxed", "At noon", " At noon", "fail: the body is not the one that was signed")]
    [InlineData("relaxed/relaxed", "Lunch", "Dinner", "fail: the signature does not fit header and key")]
    [InlineData("relaxed", "At noon?  ", "At noon? ", "fail: the body is not the one that was signed")]
    [InlineData("relaxed/simple", "Lunch", " Lunch ", "pass")]
    [InlineData("relaxed/simple", "At noon?  ", "At noon? ", "fail: the body is not the one that was signed")]
    [InlineData("simple/relaxed", "At noon?  ", "At noon? ", "pass")]
    [InlineData("simple/relaxed", "Subject:", "SUBJECT:", "fail: the signature does not fit header and key")]
    [InlineData("simple/simple", "Ann\r\n\r\n", "Ann\r\n", "pass")]
    [InlineData("simple/simple", "Lunch", " Lunch", "fail: the signature does not fit header and key")]
    [InlineData(null, "At noon?  ", "At noon? ", "fail: the body is not the one that was signed")]
    public async Task A_change_on_the_way_breaks_a_signature_as_far_as_its_form_says(string? form, string from, string to, string expected)
    {
        foreach (var key in new[] { Letter.Rsa, Letter.Ed25519 })
        {
            var message = Letter.Sign(Letter.Text, key, ("c", form));
            Assert.Equal("pass", await SaidAsync(message, key));
            Assert.Equal(expected, await SaidAsync(message.Replace(from, to), key));
        }
    }

    [Theory]
    [InlineData("v", null, "neutral: v= is not 1")]
    [InlineData("v", "2", "neutral: v= is not 1")]
    [InlineData("a", null, "neutral: a= is not known")]
    [InlineData("a", "dsa-sha256", "neutral: a= is not known")]
    [InlineData("a", "rsa-sha1", "policy: SHA-1 is not safe")]
    [InlineData("a", "ed25519-sha256", "permerror: the key is for another algorithm")]
    [InlineData("a", "RSA-SHA256", "pass")]
    [InlineData("c", "nofws", "neutral: c= is not known")]
    [InlineData("c", "simple/simple/simple", "neutral: c= is not known")]
    [InlineData("bh", "?", "neutral: bh= is not base64")]
    [InlineData("bh", "AAAA", "fail: the body is not the one that was signed")]
    [InlineData("d", null, "neutral: d= is not a domain")]
    [InlineData("d", "exa mple.org", "neutral: d= is not a domain")]
    [InlineData("d", "bank@example.org", "neutral: d= is not a domain")]
    [InlineData("d", "bank=40.example.org", "neutral: d= is not a domain")]
    [InlineData("s", "se@l", "neutral: s= is not a selector")]
    [InlineData("s", null, "neutral: s= is not a selector")]
    [InlineData("s", "", "neutral: s= is not a selector")]
    [InlineData("s", "other", "permerror: there is no key")]
    [InlineData("h", null, "neutral: h= is not a list of fields")]
    [InlineData("h", "From:", "neutral: h= is not a list of fields")]
    [InlineData("h", "To:Subject", "permerror: From is not signed")]
    [InlineData("h", "to : FROM : X-None : from", "pass")]
    [InlineData("i", "ann@example.org", "pass")]
    [InlineData("i", "@mail.EXAMPLE.org", "pass")]
    [InlineData("i", "ann", "neutral: i= has no domain")]
    [InlineData("i", "@example.net", "permerror: i= is not below d=")]
    [InlineData("i", "@badexample.org", "permerror: i= is not below d=")]
    [InlineData("q", "dns/txt", "pass")]
    [InlineData("q", "carrier/pigeon : dns/txt", "pass")]
    [InlineData("q", "carrier/pigeon", "permerror: q= is not known")]
    [InlineData("t", "1767225600", "pass")]
    [InlineData("t", "1767229200", "pass")]
    [InlineData("t", "1767229201", "fail: the signature was made in the future")]
    [InlineData("t", "-1", "neutral: l=, t= or x= is not a number")]
    [InlineData("t", "soon", "neutral: l=, t= or x= is not a number")]
    [InlineData("x", "1767225601", "pass")]
    [InlineData("x", "1767225600", "fail: the signature has expired")]
    [InlineData("x", "99999999999999999999999999", "pass")]
    [InlineData("l", "-1", "neutral: l=, t= or x= is not a number")]
    [InlineData("z", "From:x@y|To:z", "pass")]
    [InlineData("unknown", "whatever", "pass")]
    public async Task Each_tag_is_judged_as_the_standard_says(string tag, string? value, string expected)
    {
        var message = Letter.Sign(Letter.Text, Letter.Rsa, (tag, value));

        Assert.Equal(expected, await SaidAsync(message, Letter.Rsa));
    }

    [Fact]
    public async Task A_signature_that_ends_before_it_begins_fails() => Assert.Equal(
        "fail: the signature expires before it was made",
        await SaidAsync(Letter.Sign(Letter.Text, Letter.Rsa, ("t", $"{Letter.Now + 20}"), ("x", $"{Letter.Now + 10}")), Letter.Rsa));

    [Theory]
    [InlineData("DKIM-Signature: \r\n")]
    [InlineData("DKIM-Signature: v=1; v=1\r\n")]
    [InlineData("DKIM-Signature: \u00ff\0\r\n")]
    public async Task What_is_no_signature_is_neutral(string field) =>
        Assert.StartsWith("neutral: ", await SaidAsync(field + Letter.Text, Letter.Rsa));

    [Theory]
    [InlineData("15")] // "At noon?\r\n\r\nAnn\r\n" has 17 octets.
    [InlineData("0")]
    public async Task A_length_that_leaves_a_part_unsigned_never_passes(string length)
    {
        var message = Letter.Sign(Letter.Text, Letter.Rsa, ("l", length));

        Assert.Equal("policy: l= leaves the end of the body unsigned", await SaidAsync(message, Letter.Rsa));
        Assert.Equal("policy: l= leaves the end of the body unsigned", await SaidAsync(message + "Buy!\r\n", Letter.Rsa));
    }

    [Fact]
    public async Task A_length_of_the_whole_body_passes_and_one_beyond_its_end_fails()
    {
        Assert.Equal("pass", await SaidAsync(Letter.Sign(Letter.Text, Letter.Rsa, ("l", "17")), Letter.Rsa));
        Assert.Equal("fail: the body is shorter than l=", await SaidAsync(Letter.Sign(Letter.Text, Letter.Rsa, ("l", "18")), Letter.Rsa));
        Assert.Equal("fail: the body is shorter than l=", await SaidAsync(Letter.Sign(Letter.Text, Letter.Rsa, ("l", new string('9', 76))), Letter.Rsa));
    }

    [Fact]
    public async Task A_field_that_is_signed_as_absent_cannot_be_added()
    {
        var message = Letter.Sign(Letter.Text, Letter.Rsa, ("h", "From:From:To:Subject"));
        Assert.Equal("pass", await SaidAsync(message, Letter.Rsa));

        Assert.Equal("fail: the signature does not fit header and key", await SaidAsync("From: eve@example.com\r\n" + message, Letter.Rsa));
        Assert.Equal("pass", await SaidAsync("Received: by us\r\n" + message, Letter.Rsa));
    }

    [Fact]
    public async Task A_signature_may_sign_another_one_and_never_itself()
    {
        var first = Letter.Sign(Letter.Text, Letter.Rsa);
        var second = Letter.Sign(first, Letter.Ed25519, ("h", "From:DKIM-Signature:DKIM-Signature"));

        var report = await Letter.VerifyAsync(second, Letter.Dns(Letter.Rsa, Letter.Ed25519));

        Assert.Equal(["pass", "pass"], report.Results.Select(Letter.Said));
    }

    [Fact]
    public async Task Every_signature_has_a_result_of_its_own_and_keys_are_asked_for_once()
    {
        var message = Letter.Sign(Letter.Text, Letter.Rsa);
        message = Letter.Sign(message, Letter.Ed25519, ("l", "3"));
        message = Letter.Sign(message, Letter.Rsa, ("c", "simple/simple"), ("bh", "AAAA"));
        message = Letter.Sign(message, Letter.Rsa, ("d", "example.net"), ("i", "@example.net"));
        var dns = Letter.Dns(Letter.Rsa, Letter.Ed25519).Silent("sel._domainkey.example.net", "TXT");

        var report = await Letter.VerifyAsync(message, dns);

        Assert.Equal(
        [
            "temperror: no answer from DNS for the key", "fail: the body is not the one that was signed",
            "policy: l= leaves the end of the body unsigned", "pass",
        ], report.Results.Select(Letter.Said));
        Assert.Equal(3, report.Lookups);
        Assert.Equal(3, dns.Questions.Count);
    }

    [Fact]
    public async Task Thousands_of_signatures_cost_no_more_than_the_bound()
    {
        // Each asks for a key of its own; the body is read once for all of them.
        var signed = Letter.Sign(Letter.Text, Letter.Rsa);
        var signature = signed[..^Letter.Text.Length];
        var many = string.Concat(Enumerable.Range(0, 400).Select(i => signature.Replace("s=sel", $"s=sel{i}")));
        var dns = new TableDns();
        for (var i = 0; i < 400; i++)
        {
            dns.Txt($"sel{i}._domainkey.example.org", Letter.Rsa.RecordText);
        }

        var octets = Encoding.Latin1.GetBytes(many + Letter.Text + new string('x', 1_000_000));
        var header = MessageHeader.Parse(octets);
        Assert.True(header.IsWhole);
        var content = new CountingStream(octets);
        var report = await new DkimVerifier(dns, new Letter.FixedTime(), Timeout.InfiniteTimeSpan).VerifyAsync(header, content, CancellationToken.None);

        Assert.Equal(10, report.Results.Count);
        Assert.Equal(390, report.Ignored);
        Assert.Equal(10, dns.Questions.Count);
        // The signatures fit no header any more, since each says another selector: the body is not even read.
        Assert.Equal(0, content.Octets);
    }

    [Fact]
    public async Task Ten_signatures_that_fit_the_header_read_the_body_once()
    {
        var message = Letter.Text + new string('x', 1_000_000);
        for (var i = 0; i < 10; i++)
        {
            message = Letter.Sign(message, Letter.Rsa, ("c", i % 2 == 0 ? "relaxed/relaxed" : "simple/simple"), ("l", $"{i}"));
        }

        var octets = Encoding.Latin1.GetBytes(message);
        var header = MessageHeader.Parse(octets);
        var content = new CountingStream(octets);
        var report = await new DkimVerifier(Letter.Dns(Letter.Rsa), new Letter.FixedTime(), Timeout.InfiniteTimeSpan).VerifyAsync(header, content, CancellationToken.None);

        Assert.All(report.Results, result => Assert.Equal(DkimOutcome.Policy, result.Outcome));
        Assert.Equal(1, report.Lookups);
        Assert.Equal(octets.Length - header.Length, content.Octets);
    }

    [Fact]
    public async Task A_header_beyond_its_limits_is_no_question_to_anybody()
    {
        var signature = Letter.Sign(Letter.Text, Letter.Rsa)[..^Letter.Text.Length];
        var dns = Letter.Dns(Letter.Rsa);

        var report = await Letter.VerifyAsync(string.Concat(Enumerable.Repeat(signature, 10_000)) + Letter.Text, dns);

        Assert.All(report.Results, result => Assert.Equal("permerror: the header is too long", Letter.Said(result)));
        Assert.Equal(10, report.Results.Count);
        Assert.Empty(dns.Questions);
    }

    [Theory]
    [InlineData("From: a@example.org\r\n\r\n--x\r\nno end boundary\0\r\n\u00e4\u00ff \r\n\t", "simple/simple")]
    [InlineData("From: a@example.org\r\nContent-Type: multipart/mixed; boundary=\"\r\n\r\n--\r\n\n\r\r\n", "relaxed/relaxed")]
    [InlineData("From: a@example.org\r\n", "simple/relaxed")]
    [InlineData("From: a@example.org", "relaxed/simple")]
    [InlineData("From: a@example.org\r\nno field here\r\n : nameless\r\n\r\n\r\n", "simple/simple")]
    public async Task Odd_messages_are_verified_octet_for_octet(string message, string form)
    {
        var signed = Letter.Sign(message, Letter.Rsa, ("c", form));

        Assert.Equal("pass", await SaidAsync(signed, Letter.Rsa));
    }

    private static async Task<string> SaidAsync(string message, SigningKey key) =>
        Letter.Said(Assert.Single((await Letter.VerifyAsync(message, Letter.Dns(key))).Results));

    private sealed class CountingStream(byte[] octets) : MemoryStream(octets)
    {
        public long Octets { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Assert.True(buffer.Length <= 64 * 1024, "read in small blocks");
            var read = await base.ReadAsync(buffer, cancellationToken);
            Octets += read;
            return read;
        }
    }
}
