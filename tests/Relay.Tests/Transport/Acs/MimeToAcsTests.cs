using System.Text;
using MimeKit;
using Relay.Mail;
using Relay.Routing;
using Relay.Transport;
using Relay.Transport.Acs;

namespace Relay.Tests.Transport.Acs;

/// <summary>What of a message the service can carry, and what not.</summary>
public sealed class MimeToAcsTests
{
    private const string Fields = """
        From: shop@example.com
        To: ann@example.net
        Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=

        """;

    [Fact]
    public async Task Plain_text_keeps_its_characters_and_its_lines()
    {
        var mail = await MapAsync(Fields + """
            MIME-Version: 1.0
            Content-Type: text/plain; charset=iso-8859-1
            Content-Transfer-Encoding: quoted-printable

            caf=E9
            +tea
            """);

        Assert.Equal(("Grüße", "café\r\n+tea", null), (mail.Content.Subject, mail.Content.PlainText, mail.Content.Html));
    }

    [Fact]
    public async Task Both_texts_an_inline_image_and_a_file_are_carried()
    {
        var mail = await MapAsync(Fields + """
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary=m

            --m
            Content-Type: multipart/related; boundary=r

            --r
            Content-Type: multipart/alternative; boundary=a

            --a
            Content-Type: text/plain

            text
            --a
            Content-Type: text/html

            <img src="cid:logo@x">
            --a--
            --r
            Content-Type: image/png
            Content-ID: <logo@x>
            Content-Transfer-Encoding: base64

            AAEC
            --r--
            --m
            Content-Type: application/pdf; name="bill.pdf"
            Content-Disposition: attachment; filename="bill.pdf"
            Content-Transfer-Encoding: base64

            /+8=
            --m--
            """);

        Assert.Equal(("text", "<img src=\"cid:logo@x\">"), (mail.Content.PlainText, mail.Content.Html));
        Assert.Collection(mail.Attachments!,
            image => Assert.Equal(("logo@x", "image/png", "AAEC"), (image.ContentId, image.ContentType, Convert.ToBase64String(image.ContentInBase64))),
            file => Assert.Equal((null, "bill.pdf", "application/pdf", "/+8="), (file.ContentId, file.Name, file.ContentType, Convert.ToBase64String(file.ContentInBase64))));
    }

    [Fact]
    public async Task Fields_are_carried_and_those_of_the_way_or_of_secret_recipients_are_not()
    {
        var mail = await MapAsync("""
            Return-Path: <app@example.com>
            Received: from a by b for <secret@example.net>; Mon, 23 Nov 2026 12:00:00 +0000
            DKIM-Signature: v=1; d=example.com
            Bcc: secret@example.net
            Date: Mon, 23 Nov 2026 12:00:00 +0000
            In-Reply-To: <0@example.net>
            List-Unsubscribe: <https://example.com/u>,
             <mailto:u@example.com>
            X-Note: =?utf-8?q?caf=C3=A9?=
            Reply-To: Help <help@example.com>, info@example.com

            """ + Fields + "\r\ntext");

        Assert.Equal(
            ["In-Reply-To: <0@example.net>", "List-Unsubscribe: <https://example.com/u>, <mailto:u@example.com>", "X-Note: café"],
            mail.Headers!.Select(h => $"{h.Key}: {h.Value}"));
        Assert.Equal([new AcsAddress("help@example.com", "Help"), new AcsAddress("info@example.com", null)], mail.ReplyTo);
    }

    [Theory]
    [InlineData("From: a@example.com, b@example.com", "several authors")]
    [InlineData("From: Shop <shop@example.com>", "display name")]
    [InlineData("From: undisclosed:;", "no author")]
    [InlineData("From: a@example.com\nFrom: b@example.com", "more than one From")]
    [InlineData("From: a@example.com\nSender: b@example.com", "Sender")]
    [InlineData("From: müller@example.com", "ASCII")]
    [InlineData("From: a@example.com\nSubject: a\nSubject: b", "more than one Subject")]
    [InlineData("From: a@example.com\nResent-From: b@example.com", "Resent-")]
    [InlineData("From: a@example.com\nX-A: 1\nx-a: 2", "more than one x-a")]
    [InlineData("From: a@example.com\nx-ms-acsemail-suppress-invalid-attachment: true", "steer")]
    [InlineData("From: a@example.com\nContent-Type: text/plain; charset=x-none", "charset")]
    [InlineData("From: a@example.com\nContent-Type: text/plain; charset=utf-8; format=flowed; delsp=yes", "DelSp")]
    [InlineData("From: a@example.com\nContent-Type: text/calendar; method=REQUEST", "invitation")]
    [InlineData("From: a@example.com\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data", "encrypted")]
    [InlineData("From: a@example.com\nContent-Type: application/pdf", "no text")]
    [InlineData("From: a@example.com\nContent-Type: message/rfc822", "message/rfc822")]
    [InlineData("From: a@example.com\nContent-Type: multipart/mixed", "multipart/mixed")]
    [InlineData("From: a@example.com\nContent-Transfer-Encoding: x-mine", "charset")]
    public async Task What_would_be_lost_is_named(string fields, string named) =>
        Assert.Contains(named, await RefusalAsync(fields + "\nTo: ann@example.net\n\ntext\n"));

    [Theory]
    [InlineData("signed; protocol=\"application/pgp-signature\"", "text/plain", "application/pgp-signature", "signed")]
    [InlineData("encrypted; protocol=\"application/pgp-encrypted\"", "application/pgp-encrypted", "application/octet-stream", "encrypted")]
    [InlineData("report; report-type=delivery-status", "text/plain", "message/delivery-status", "report")]
    [InlineData("alternative", "text/plain", "text/calendar; method=REQUEST", "text/calendar")]
    [InlineData("alternative", "text/html", "text/plain", "behind its HTML")]
    [InlineData("alternative", "text/plain", "text/enriched", "text/enriched")]
    [InlineData("mixed", "text/plain", "message/rfc822", "message/rfc822")]
    [InlineData("mixed", "text/plain", "text/plain", "second text/plain")]
    [InlineData("mixed", "text/plain", "multipart/mixed; boundary=y", "multipart/mixed")]
    [InlineData("related", "text/html", "image/png", "Content-ID")]
    [InlineData("related", "text/plain", "image/png", "root")]
    [InlineData("digest", "message/rfc822", "message/rfc822", "multipart/digest")]
    [InlineData("x-own", "text/plain", "text/plain", "multipart/x-own")]
    public async Task Structures_that_the_service_does_not_have_are_named(string multipart, string first, string second, string named) =>
        Assert.Contains(named, await RefusalAsync(Fields + $"""
            MIME-Version: 1.0
            Content-Type: multipart/{multipart}; boundary=b

            --b
            Content-Type: {first}

            one
            --b
            Content-Type: {second}

            two
            --b--
            """));

    [Fact]
    public async Task Octets_that_are_no_text_in_their_charset_are_not_guessed_at()
    {
        Assert.Contains("charset", await RefusalAsync(Fields + "\r\ncaf\u00e9"));
        Assert.NotNull(await MapAsync(Fields + "Content-Type: text/plain; charset=utf-8\r\n\r\ncaf\u00e9"));
    }

    [Fact]
    public async Task A_null_reverse_path_and_REQUIRETLS_and_size_are_refused_unread()
    {
        var request = Request(Fields + "\r\ntext");

        Assert.Contains("null reverse-path", await RefusalAsync(request with { Envelope = request.Envelope with { ReversePath = ReversePath.Null } }));
        Assert.Contains("REQUIRETLS", await RefusalAsync(request with { Envelope = request.Envelope with { RequireTls = true } }));
        Assert.Contains("10 MB", await RefusalAsync(request with { Content = new MemoryStream(new byte[(30 * 1024 * 1024) + 1]) }));
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("EXAMPLE.com", true)]
    [InlineData("*.com", true)]
    [InlineData("*.example.com", false)]
    [InlineData("shop@example.com", true)]
    [InlineData("other@example.com", false)]
    [InlineData("example.org", false)]
    public async Task The_author_must_be_one_whom_the_service_sends_for(string pattern, bool isCarried)
    {
        var (mail, refusal) = await MimeToAcs.MapAsync(Request(Fields + "\r\ntext"), Route with { From = [pattern] }, default);

        Assert.Equal(isCarried, mail is not null);
        Assert.Equal(!isCarried, (refusal ?? "").Contains("does not send from shop@example.com"));
    }

    [Fact]
    public async Task A_display_name_may_be_lost_where_the_operator_says_so()
    {
        var (mail, _) = await MimeToAcs.MapAsync(
            Request("From: Shop <shop@example.com>\r\nTo: ann@example.net\r\n\r\ntext"), Route with { MayLose = [AcsLoss.SenderName] }, default);

        Assert.Equal("shop@example.com", mail?.Sender);
    }

    [Fact]
    public async Task Every_message_of_the_suite_is_carried_whole_or_refused_with_a_reason()
    {
        var (carried, refused) = (0, 0);
        foreach (var (name, content) in MimeSuite.Messages())
        {
            var (mail, refusal) = await MimeToAcs.MapAsync(Request(content), Route with { MayLose = [AcsLoss.SenderName, AcsLoss.OtherRecipients] }, default);
            Assert.True(mail is null != refusal is null, name);
            if (mail is null)
            {
                Assert.NotEmpty(refusal!);
                refused++;
                continue;
            }

            carried++;
            var message = await MimeMessage.LoadAsync(new MemoryStream(content));
            AssertSame(name, message.BodyParts.ToArray(), mail);
            Assert.Equal(message.Subject ?? "", mail.Content.Subject);
        }

        Assert.True(carried >= 5 && refused >= 5, $"{carried} carried, {refused} refused");
    }

    /// <summary>Every leaf is there, and nothing else: texts by their characters, files by their octets.</summary>
    private static void AssertSame(string name, MimeEntity[] leaves, AcsMail mail)
    {
        var texts = new[] { mail.Content.PlainText, mail.Content.Html }.Where(t => t is not null).Select(t => t!);
        var files = (mail.Attachments ?? []).Select(a => Convert.ToBase64String(a.ContentInBase64)).ToList();
        Assert.Equal(leaves.Length, texts.Count() + files.Count);
        foreach (var leaf in leaves.Cast<MimePart>())
        {
            using var octets = new MemoryStream();
            leaf.Content!.DecodeTo(octets);
            var charset = leaf.ContentType.CharsetEncoding ?? Encoding.ASCII;
            Assert.True(
                files.Remove(Convert.ToBase64String(octets.ToArray())) || texts.Any(text => charset.GetBytes(text).SequenceEqual(octets.ToArray())), name);
        }
    }

    private static AcsRoute Route { get; } = new() { Endpoint = new Uri("https://test") };

    private static DeliveryRequest Request(string content) => Request(Encoding.UTF8.GetBytes(content.ReplaceLineEndings("\r\n")));

    private static DeliveryRequest Request(byte[] content) => new()
    {
        Message = MessageId.New(AcsHarness.Start),
        Envelope = new Envelope
        {
            ReversePath = new ReversePath(new Mailbox("app", "example.com")),
            Recipients = [new ForwardPath(new Mailbox("ann", "example.net"))],
        },
        Route = new Route { Name = "acs", Kind = RouteKind.Acs, Recipients = ["*"] },
        Indexes = [0],
        Content = new MemoryStream(content),
    };

    private static async Task<AcsMail> MapAsync(string content)
    {
        var (mail, refusal) = await MimeToAcs.MapAsync(Request(content), Route, default);
        Assert.Null(refusal);
        return mail!;
    }

    private static Task<string> RefusalAsync(string content) => RefusalAsync(Request(content));

    private static async Task<string> RefusalAsync(DeliveryRequest request)
    {
        var (mail, refusal) = await MimeToAcs.MapAsync(request, Route, default);
        Assert.Null(mail);
        return refusal!;
    }
}
