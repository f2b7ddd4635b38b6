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

/// <summary>A forward-path in JSON is its address.</summary>
internal sealed class ForwardPathJson : JsonConverter<ForwardPath>
{
    public override ForwardPath Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(Parse(reader.GetString()));

    public override void Write(Utf8JsonWriter writer, ForwardPath value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());

    internal static Mailbox Parse(string? text) =>
        Mailbox.TryParse(text, out var mailbox) ? mailbox : throw new JsonException($"'{text}' is not a mail address");
}
