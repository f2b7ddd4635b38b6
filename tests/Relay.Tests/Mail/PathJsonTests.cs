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

    [Theory]
    [InlineData("""{"ReversePath":"no address","Recipients":[]}""")]
    [InlineData("""{"ReversePath":"","Recipients":[""]}""")]
    [InlineData("""{"ReversePath":"","Recipients":["a@b\r\nc"]}""")]
    public void A_stored_envelope_that_is_spoiled_is_an_error(string json) =>
        Assert.Throws<JsonException>(() => { JsonSerializer.Deserialize(json, SpoolJson.Default.Envelope); });

    private static Mailbox Parse(string text) => Mailbox.TryParse(text, out var mailbox) ? mailbox : throw new ArgumentException(text);
}
