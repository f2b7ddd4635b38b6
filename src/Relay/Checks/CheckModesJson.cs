using System.Text.Json;
using System.Text.Json.Serialization;

namespace Relay.Checks;

/// <summary>
/// The checks that run, each with the most that it may do: <c>{"Spf":"Tag"}</c>. A check that this relay does not know is left
/// out when read: another version of Relay wrote it.
/// </summary>
internal sealed class CheckModesJson : JsonConverter<CheckModes>
{
    public override CheckModes Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("the modes of checks are no object");
        }

        var modes = CheckModes.Off;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isKnown = TryRead<CheckName>(reader.GetString(), out var name);
            reader.Read();
            if (!isKnown)
            {
                reader.Skip();
            }
            else if (reader.TokenType == JsonTokenType.String && TryRead<CheckAction>(reader.GetString(), out var mode))
            {
                modes = modes.With(name, mode);
            }
            else
            {
                throw new JsonException($"the mode of {name} is none");
            }
        }

        return modes;
    }

    public override void Write(Utf8JsonWriter writer, CheckModes value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var name in Enum.GetValues<CheckName>())
        {
            if (value[name] != CheckAction.None)
            {
                writer.WriteString(name.ToString(), value[name].ToString());
            }
        }

        writer.WriteEndObject();
    }

    /// <summary>Names alone: a number would be read as one too.</summary>
    private static bool TryRead<T>(string? text, out T value)
        where T : struct, Enum => Enum.TryParse(text, out value) && value.ToString() == text;
}
