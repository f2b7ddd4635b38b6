using System.Text.Json;
using Relay.Mail;
using Relay.Spool;

namespace Relay.Tests.Mail;

public sealed class PathJsonTests
{
    [Theory]
    [InlineData("")]
    [InlineData("a@example.com")]
    [InlineData("\"a \\\\ \\\" b\"@example.com")]
    [InlineData("\"\"@example.com")]
    [InlineData("jürgen@[IPv6:2001:db8::1]")]
    public void An_envelope_survives_its_JSON(string sender)
    {
        var envelope = new Envelope
        {
            ReversePath = sender.Length == 0 ? ReversePath.Null : new ReversePath(Parse(sender)),
            Recipients = [new(Parse("x@example.com")), new(Parse("\"y z\"@example.com"))],
            Body = BodyType.EightBitMime,
            SmtpUtf8 = true,
        };

        var again = JsonSerializer.Deserialize(JsonSerializer.Serialize(envelope, SpoolJson.Default.Envelope), SpoolJson.Default.Envelope)!;

        Assert.Equal(envelope.ReversePath, again.ReversePath);
        Assert.Equal(envelope.Recipients, again.Recipients);
        Assert.Equal((envelope.Body, envelope.SmtpUtf8), (again.Body, again.SmtpUtf8));
    }

    [Fact]
    public void What_was_asked_for_survives_too()
    {
        var envelope = new Envelope
        {
            ReversePath = ReversePath.Null,
            Recipients =
            [
                new(Parse("plain@example.com")),
                new(Parse("a@example.com")) { Notify = DsnNotify.Never },
                new(Parse("b@example.com")) { Notify = DsnNotify.Success | DsnNotify.Failure | DsnNotify.Delay, OriginalRecipient = new("rfc822", "B+x;y@example.org") },
                new(Parse("c@example.com")) { OriginalRecipient = new("utf-8", "jürgen@example.org") },
            ],
            Body = BodyType.BinaryMime,
            Return = DsnReturn.Headers,
            EnvelopeId = "QQ 314+159",
            RequireTls = true,
        };

        var json = JsonSerializer.Serialize(envelope, SpoolJson.Default.Envelope);
        var again = JsonSerializer.Deserialize(json, SpoolJson.Default.Envelope)!;

        Assert.Equal(envelope.Recipients, again.Recipients);
        Assert.Equal(envelope with { Recipients = [] }, again with { Recipients = [] });
        Assert.Contains("[\"plain@example.com\",{\"Address\":\"a@example.com\",\"Notify\":\"NEVER\"},{", json);
    }

    [Fact]
    public void A_full_RET_is_not_taken_for_one_that_was_not_said()
    {
        var envelope = new Envelope { ReversePath = ReversePath.Null, Recipients = [], Return = DsnReturn.Full };

        var again = JsonSerializer.Deserialize(JsonSerializer.Serialize(envelope, SpoolJson.Default.Envelope), SpoolJson.Default.Envelope)!;

        Assert.Equal(DsnReturn.Full, again.Return);
    }

    [Fact]
    public void An_envelope_of_before_has_no_parameters()
    {
        var old = JsonSerializer.Deserialize(
            """{"ReversePath":"a@example.com","Recipients":["b@example.com"],"Body":"EightBitMime"}""", SpoolJson.Default.Envelope)!;

        Assert.Equal([new ForwardPath(Parse("b@example.com"))], old.Recipients);
        Assert.Equal((BodyType.EightBitMime, null, null, false), (old.Body, old.Return, old.EnvelopeId, old.RequireTls));
    }

    [Theory]
    [InlineData("""{"Address":"b@example.com","Since":[1,{"x":2}]}""", true)]
    [InlineData("""{"Notify":"NEVER"}""", false)]
    [InlineData("""{"Address":"b@example.com","Notify":"SOMETIMES"}""", false)]
    [InlineData("""{"Address":"b@example.com","OriginalRecipient":"b@example.com"}""", false)]
    [InlineData("""{"Address":"b@example.com","OriginalRecipient":"a\r\nb;c"}""", false)]
    [InlineData("""["b@example.com"]""", false)]
    public void A_stored_recipient_is_read_or_an_error(string json, bool ok)
    {
        void Read() => JsonSerializer.Deserialize($$"""{"ReversePath":"","Recipients":[{{json}}]}""", SpoolJson.Default.Envelope);

        if (ok)
        {
            Read();
        }
        else
        {
            Assert.Throws<JsonException>(Read);
        }
    }

    [Theory]
    [InlineData("""{"ReversePath":"no address","Recipients":[]}""")]
    [InlineData("""{"ReversePath":"","Recipients":[""]}""")]
    [InlineData("""{"ReversePath":"","Recipients":["a@b\r\nc"]}""")]
    public void A_stored_envelope_that_is_spoiled_is_an_error(string json) =>
        Assert.Throws<JsonException>(() => { JsonSerializer.Deserialize(json, SpoolJson.Default.Envelope); });

    private static Mailbox Parse(string text) => Mailbox.TryParse(text, out var mailbox) ? mailbox : throw new ArgumentException(text);
}
