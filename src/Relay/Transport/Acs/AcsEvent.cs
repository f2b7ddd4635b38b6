using System.Globalization;
using System.Text.Json;

namespace Relay.Transport.Acs;

/// <summary>One event of Event Grid, in either of its spellings: its own, or CloudEvents 1.0.</summary>
/// <param name="Type">What it tells.</param>
/// <param name="At">When it was sent; null where it does not say.</param>
/// <param name="Data">What it is about.</param>
internal sealed record AcsEvent(string Type, DateTimeOffset? At, JsonElement Data)
{
    /// <summary>The handshake of a new subscription.</summary>
    public const string Validation = "Microsoft.EventGrid.SubscriptionValidationEvent";

    /// <summary>What became of one recipient.</summary>
    public const string DeliveryReport = "Microsoft.Communication.EmailDeliveryReportReceived";

    /// <summary>Events of one request that are read; Event Grid sends 5,000 at most.</summary>
    private const int MaxEvents = 5000;

    /// <summary>The events of a request: an array, or one alone. Null when it is neither.</summary>
    public static IReadOnlyList<AcsEvent>? Parse(JsonElement body)
    {
        if (body.ValueKind == JsonValueKind.Object)
        {
            return One(body) is { } one ? [one] : null;
        }

        if (body.ValueKind != JsonValueKind.Array || body.GetArrayLength() > MaxEvents)
        {
            return null;
        }

        var events = body.EnumerateArray().Select(One).ToArray();
        return events.Contains(null) ? null : [.. events.OfType<AcsEvent>()];
    }

    /// <summary>A text below <see cref="Data"/>, by its name without case; null where there is none.</summary>
    public string? Text(params ReadOnlySpan<string> path)
    {
        var element = Data;
        foreach (var name in path)
        {
            if (Property(element, name) is not { } next)
            {
                return null;
            }

            element = next;
        }

        return TextOf(element);
    }

    /// <summary>A time below <see cref="Data"/>. Its name is spelled with <c>TimeStamp</c> here and <c>Timestamp</c> there.</summary>
    public DateTimeOffset? TimeOf(string name) => Time(Text(name));

    private static AcsEvent? One(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object || (TextOf(body, "eventType") ?? TextOf(body, "type")) is not { } type ||
            Property(body, "data") is not { } data)
        {
            return null;
        }

        return new AcsEvent(type, Time(TextOf(body, "eventTime") ?? TextOf(body, "time")), data);
    }

    private static string? TextOf(JsonElement element, string name) =>
        Property(element, name) is { } property ? TextOf(property) : null;

    /// <summary>Null where it is no text, and where it is none that can be: an escape may stand for half a character.</summary>
    private static string? TextOf(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static JsonElement? Property(JsonElement element, string name)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
            {
                if (IsNamed(property, name))
                {
                    return property.Value;
                }
            }
        }

        return null;
    }

    private static bool IsNamed(JsonProperty property, string name)
    {
        try
        {
            return property.Name.Equals(name, StringComparison.OrdinalIgnoreCase);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;
}
