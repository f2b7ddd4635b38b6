using System.Text;
using Relay.Checks.Dkim;
using Relay.Mail;
using Relay.Signing;
using Relay.Tests.Checks.Dkim;

namespace Relay.Tests.Signing;

public sealed class DkimSignerTests
{
    private const string Text = "Received: by us\r\nFrom: Ann <ann@example.org>\r\nTo: bob@example.net\r\nSubject: Lunch\r\nDate: now\r\nMIME-Version: 1.0\r\n\r\nAt noon?\r\n";

    [Fact]
    public async Task Two_keys_of_a_domain_make_two_signatures_and_both_hold()
    {
        var fields = await SignAsync(Text, Letter.Rsa, Letter.Ed25519);

        var report = await Letter.VerifyAsync(fields + Text, Letter.Dns(Letter.Rsa, Letter.Ed25519));

        Assert.Equal(["pass", "pass"], report.Results.Select(Letter.Said));
        Assert.Equal(
            [SignatureAlgorithm.RsaSha256, SignatureAlgorithm.Ed25519Sha256], report.Results.Select(result => result.Signature!.Algorithm));
        Assert.All(fields.Split("\r\n"), line => Assert.True(line.Length <= 78, line));
        Assert.EndsWith("\r\n", fields);
        Assert.All(fields, c => Assert.True(c is '\r' or '\n' or '\t' or (>= ' ' and <= '~')));
    }

    [Fact]
    public async Task A_signature_says_when_it_was_made_and_when_it_ends()
    {
        var signature = (await Letter.VerifyAsync(await SignAsync(Text, Letter.Rsa) + Text, Letter.Dns(Letter.Rsa))).Results[0].Signature!;

        Assert.Equal(Letter.Now, signature.SignedAt);
        Assert.Equal(Letter.Now + (14 * 24 * 3600), signature.ExpiresAt);
        Assert.Null(signature.Length);
    }

    [Fact]
    public async Task What_the_reader_sees_is_named_once_more_than_it_is_there()
    {
        var message = "To: a@example.net\r\nTO: b@example.net\r\nList-Unsubscribe: <https://example.org/>\r\nX-Own: x\r\n" + Text;

        var signature = (await Letter.VerifyAsync(await SignAsync(message, Letter.Rsa) + message, Letter.Dns(Letter.Rsa))).Results[0].Signature!;

        Assert.Equal(
        [
            "From", "From", "To", "To", "To", "To", "Cc", "Subject", "Subject", "Reply-To", "Date", "Date",
            "MIME-Version", "MIME-Version", "List-Unsubscribe",
        ], signature.Names);
    }

    [Theory]
    [InlineData("From: eve@example.com\r\n", "fail")]
    [InlineData("Subject: Dinner\r\n", "fail")]
    [InlineData("Cc: eve@example.com\r\n", "fail")]
    [InlineData("Reply-To: eve@example.com\r\n", "fail")]
    [InlineData("Date: then\r\n", "fail")]
    [InlineData("MIME-Version: 1.0\r\n", "fail")]
    [InlineData("Message-ID: <added@example.net>\r\n", "pass")]
    [InlineData("Received: by them\r\n", "pass")]
    [InlineData("List-Id: <list.example.net>\r\n", "pass")]
    public async Task What_must_not_be_added_cannot_be_and_what_servers_add_may(string added, string expected)
    {
        var report = await Letter.VerifyAsync(added + await SignAsync(Text, Letter.Rsa) + Text, Letter.Dns(Letter.Rsa));

        Assert.Equal(expected, Assert.Single(report.Results).Outcome.Word());
    }

    [Theory]
    [InlineData("From: a@example.org", "example.org")]
    [InlineData("From: A <a@EXAMPLE.ORG>", "example.org")]
    [InlineData("From: a@mail.example.org", "mail.example.org")]
    [InlineData("From: a@deep.mail.example.org", "mail.example.org")]
    [InlineData("From: a@news.example.org", "example.org")]
    [InlineData("From: a@b\u00fccher.example", "xn--bcher-kva.example")]
    [InlineData("From: a@badexample.org", null)]
    [InlineData("From: a@org", null)]
    [InlineData("From: a@example.org, b@example.org", "example.org")]
    [InlineData("From: a@example.org\r\nFrom: a@example.org", null)]
    [InlineData("From: group: a@example.org, b@example.org;", "example.org")]
    [InlineData("From: a", null)]
    [InlineData("From: \"a@example.org\" <a@example.com>", null)]
    [InlineData("From:", null)]
    [InlineData("Sender: a@example.org", null)]
    [InlineData("Nothing", null)]
    public async Task The_key_is_that_of_the_authors_domain_or_of_the_nearest_above_it(string from, string? domain)
    {
        var pem = PrivateKeyPem.NewRsa(1024);
        var keys = new[] { "example.org", "mail.example.org", "xn--bcher-kva.example" }.Select(name => Letter.Key(pem, "s", name)).ToArray();
        var octets = Encoding.UTF8.GetBytes($"{from}\r\n\r\ntext\r\n");
        var header = MessageHeader.Parse(octets);
        var signer = new DkimSigner(keys, new Letter.FixedTime());

        var fields = Encoding.ASCII.GetString(await signer.SignAsync(header, new MemoryStream(octets), CancellationToken.None));

        Assert.Equal(domain is not null, signer.Signs(header));
        Assert.Equal(domain is null ? "" : $"d={domain};", domain is null ? fields : fields.Split(' ', '\t').First(word => word.StartsWith("d=", StringComparison.Ordinal)).Trim());
    }

    [Fact]
    public async Task Nothing_is_signed_without_keys() =>
        Assert.Empty(await DkimSigner.None.SignAsync(MessageHeader.Parse(Encoding.ASCII.GetBytes(Text)), Stream.Null, CancellationToken.None));

    [Fact]
    public async Task Long_names_are_folded_and_still_hold()
    {
        var domain = string.Join('.', Enumerable.Repeat(new string('d', 50), 3));
        var key = Letter.Key(PrivateKeyPem.NewRsa(4096), "selector-of-some-length", domain);
        var message = Text.Replace("example.org", domain) + string.Concat(Enumerable.Repeat("line\r\n", 100_000));

        var report = await Letter.VerifyAsync(await SignAsync(message, key) + message, Letter.Dns(key));

        Assert.Equal("pass", Letter.Said(Assert.Single(report.Results)));
    }

    [Fact]
    public async Task Many_sign_with_one_key_at_once()
    {
        var signer = new DkimSigner([Letter.Rsa, Letter.Ed25519], new Letter.FixedTime());
        var octets = Encoding.ASCII.GetBytes(Text);
        var first = await signer.SignAsync(MessageHeader.Parse(octets), new MemoryStream(octets), CancellationToken.None);

        await Parallel.ForAsync(0, 500, async (_, cancel) =>
            Assert.Equal(first, await signer.SignAsync(MessageHeader.Parse(octets), new MemoryStream(octets), cancel)));
    }

    private static async Task<string> SignAsync(string message, params SigningKey[] keys)
    {
        var octets = Encoding.Latin1.GetBytes(message);
        var signer = new DkimSigner(keys, new Letter.FixedTime());
        return Encoding.ASCII.GetString(await signer.SignAsync(MessageHeader.Parse(octets), new MemoryStream(octets), CancellationToken.None));
    }
}
