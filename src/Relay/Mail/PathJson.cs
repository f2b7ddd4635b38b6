using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Relay.Mail;

/// <summary>A reverse-path in JSON is its address; the null reverse-path is the empty string.</summary>
internal sealed class ReversePathJson : JsonConverter<ReversePath>
{
    public override ReversePath Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { Length: > 0 } text ? new ReversePath(ForwardPathJson.Parse(text)) : ReversePath.Null;

    public override void Write(Utf8JsonWriter writer, ReversePath value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

/// <summary>
/// A forward-path in JSON is its address; with parameters, an object:
/// <c>{"Address":"a@b","Notify":"SUCCESS,DELAY","OriginalRecipient":"rfc822;c@d"}</c>.
/// </summary>
internal sealed class ForwardPathJson : JsonConverter<ForwardPath>
{
    public override ForwardPath Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.StartObject ? ReadObject(ref reader) : new ForwardPath(Parse(reader.GetString()));

    public override void Write(Utf8JsonWriter writer, ForwardPath value, JsonSerializerOptions options)
    {
        if (value is { Notify: DsnNotify.None, OriginalRecipient: null })
        {
            writer.WriteStringValue(value.ToString());
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("Address"u8, value.ToString());
        if (value.Notify != DsnNotify.None)
        {
            writer.WriteString("Notify"u8, value.Notify.Encode());
        }

        if (value.OriginalRecipient is { } original)
        {
            writer.WriteString("OriginalRecipient"u8, original.ToString());
        }

        writer.WriteEndObject();
    }

    internal static Mailbox Parse(string? text) =>
        Mailbox.TryParse(text, out var mailbox) ? mailbox : throw new JsonException($"'{text}' is not a mail address");

    private static ForwardPath ReadObject(ref Utf8JsonReader reader)
    {
        string? address = null;
        var notify = DsnNotify.None;
        OriginalRecipient? original = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "Address":
                    address = reader.GetString();
                    break;
                case "Notify":
                    notify = Notify(reader.GetString());
                    break;
                case "OriginalRecipient":
                    original = Original(reader.GetString());
                    break;
                default:
                    // Of a later version.
                    reader.Skip();
                    break;
            }
        }

        return new ForwardPath(Parse(address)) { Notify = notify, OriginalRecipient = original };
    }

    private static DsnNotify Notify(string? text) => DsnParameters.TryNotify(Encoding.UTF8.GetBytes(text ?? ""), out var notify)
        ? notify
        : throw new JsonException($"'{text}' is not a value of NOTIFY");

    private static OriginalRecipient Original(string? text) =>
        text?.IndexOf(';') is > 0 and var semicolon && OriginalRecipient.IsType(text.AsSpan(0, semicolon))
            ? new OriginalRecipient(text[..semicolon], text[(semicolon + 1)..])
            : throw new JsonException($"'{text}' is not an original recipient");
}
