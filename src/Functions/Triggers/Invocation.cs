using System.Globalization;
using System.Text.Json;

namespace Relay.Functions.Triggers;

/// <summary>What the host posts to a function: <c>{"Data":{"message":…},"Metadata":{…}}</c>.</summary>
/// <param name="Message">The text of the queue message; null for a function that has none.</param>
/// <param name="DequeueCount">How often the message was taken, this time counted in.</param>
internal sealed record Invocation(string? Message, int DequeueCount)
{
    /// <summary>The name of the binding, in every function.json of a queue.</summary>
    public const string Binding = "message";

    /// <summary>
    /// In place of a count that is missing or makes no sense: the message may have been taken before, so that nothing is taken
    /// for granted of it.
    /// </summary>
    private const int Unknown = 2;

    /// <summary>
    /// How often the host packs a text as JSON: what is a text already is packed again, and so is metadata. With <c>dataType</c>
    /// <c>binary</c> it does not, but what it does has changed before.
    /// </summary>
    private const int MaxWrappings = 3;

    /// <summary>Reads it. Null when it is no JSON object.</summary>
    public static Invocation? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind != JsonValueKind.Object
                ? null
                : new Invocation(
                    Unwrap(Find(document.RootElement, "Data", Binding)),
                    CountOf(Unwrap(Find(document.RootElement, "Metadata", "DequeueCount"))));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonElement? Find(JsonElement root, string part, string name) =>
        root.TryGetProperty(part, out var values) && values.ValueKind == JsonValueKind.Object && values.TryGetProperty(name, out var value) ? value : null;

    private static int CountOf(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 ? count : Unknown;

    /// <summary>The text inside of strings inside of strings; of all else its JSON.</summary>
    private static string? Unwrap(JsonElement? value)
    {
        if (value is not { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } given)
        {
            return null;
        }

        var text = given.ValueKind == JsonValueKind.String ? given.GetString()! : given.GetRawText();
        for (var i = 0; i < MaxWrappings && text.StartsWith('"'); i++)
        {
            try
            {
                using var inner = JsonDocument.Parse(text);
                text = inner.RootElement.GetString()!;
            }
            catch (JsonException)
            {
                break;
            }
        }

        return text;
    }
}
