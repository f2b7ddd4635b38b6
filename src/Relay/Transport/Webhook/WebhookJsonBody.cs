using System.Buffers;
using System.Text.Json;
using MimeKit;
using Relay.Mail;

namespace Relay.Transport.Webhook;

/// <summary>A message taken apart: envelope, header fields, texts and attachments. <c>docs/routes.md</c> has the shape.</summary>
internal static class WebhookJsonBody
{
    /// <summary>Octets of a message that is taken apart; all of it is in memory for that.</summary>
    public const long MaxContent = 10 * 1024 * 1024;

    /// <summary>Levels of nesting that are looked into.</summary>
    private const int MaxDepth = 30;

    private static readonly ParserOptions Parsing = new() { MaxMimeDepth = MaxDepth };

    /// <summary>The JSON, in UTF-8.</summary>
    public static async Task<byte[]> WriteAsync(DeliveryRequest request, CancellationToken cancel)
    {
        await MimeLimits.CheckAsync(Parsing, request.Content, cancel);
        using var message = await MimeMessage.LoadAsync(Parsing, request.Content, cancel);
        var output = new ArrayBufferWriter<byte>((int)request.Content.Length + 4096);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("id", request.Message.ToString());
            json.WriteString("acceptedAt", request.AcceptedAt);
            WriteEnvelope(json, request.Envelope);
            WriteHeader(json, message);
            json.WriteString("subject", message.Subject ?? "");
            json.WriteString("text", message.TextBody);
            json.WriteString("html", message.HtmlBody);
            WriteAttachments(json, message);
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    private static void WriteEnvelope(Utf8JsonWriter json, Envelope envelope)
    {
        json.WriteStartObject("envelope");
        json.WriteString("sender", envelope.ReversePath.ToString());
        json.WriteStartArray("recipients");
        foreach (var recipient in envelope.Recipients)
        {
            json.WriteStringValue(recipient.ToString());
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>In their order, and each as often as it is there.</summary>
    private static void WriteHeader(Utf8JsonWriter json, MimeMessage message)
    {
        json.WriteStartArray("headers");
        foreach (var field in message.Headers)
        {
            json.WriteStartObject();
            json.WriteString("name", field.Field);
            json.WriteString("value", field.Value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Everything that is not one of the two texts.</summary>
    private static void WriteAttachments(Utf8JsonWriter json, MimeMessage message)
    {
        json.WriteStartArray("attachments");
        foreach (var part in message.BodyParts.Where(part => part is not TextPart { IsAttachment: false } text || text.FileName is not null))
        {
            json.WriteStartObject();
            json.WriteString("name", part.ContentDisposition?.FileName ?? part.ContentType.Name);
            json.WriteString("contentType", part.ContentType.MimeType);
            json.WriteString("contentId", part.ContentId);
            json.WriteBase64String("contentInBase64", Octets(part));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static ReadOnlySpan<byte> Octets(MimeEntity part)
    {
        var octets = new MemoryStream();
        switch (part)
        {
            case MimePart { Content: { } content }:
                content.DecodeTo(octets);
                break;
            case MessagePart { Message: { } inner }:
                inner.WriteTo(octets);
                break;
        }

        return octets.GetBuffer().AsSpan(0, (int)octets.Length);
    }
}
