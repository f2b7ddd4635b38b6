using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Relay.Mail;

namespace Relay.Spool.Azure;

/// <summary>
/// What stands in a queue: which work is due, and a copy of all that it needs where that fits. Property names are prefixed: a host of Azure
/// Functions mixes them with its own.
/// </summary>
internal sealed record QueueMessage
{
    /// <summary>Octets of a message before base64: a queue takes 64 KiB behind it.</summary>
    public const int MaxOctets = 48 * 1024;

    /// <summary>The message.</summary>
    [JsonPropertyName("relayMessage")]
    public required string Message { get; init; }

    /// <summary>The queue that it stands in.</summary>
    [JsonPropertyName("relayQueue")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required WorkQueue Queue { get; init; }

    /// <summary>The name of the work.</summary>
    [JsonPropertyName("relayWork")]
    public required string Work { get; init; }

    /// <summary>The shard that it is in.</summary>
    [JsonPropertyName("relayShard")]
    public required string Shard { get; init; }

    /// <summary>Not before.</summary>
    [JsonPropertyName("relayDueAt")]
    public DateTimeOffset DueAt { get; init; }

    /// <summary>The first work of a message, put for the first time: nobody else can have begun it.</summary>
    [JsonPropertyName("relayFirst")]
    public bool IsFirst { get; init; }

    /// <summary>All that the work needs; null where it is too large, or has to be looked up.</summary>
    [JsonPropertyName("relayCopy")]
    public WorkCopy? Copy { get; init; }

    /// <summary>The text of a queue message, without the copy where that does not fit.</summary>
    public string ToText()
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(this, AzureJson.Default.QueueMessage);
        if (json.Length > MaxOctets)
        {
            json = JsonSerializer.SerializeToUtf8Bytes(this with { Copy = null }, AzureJson.Default.QueueMessage);
        }

        return Convert.ToBase64String(json);
    }

    /// <summary>Reads the JSON, be it in base64 or not: the host of Azure Functions decodes it; null for what is none of ours.</summary>
    public static QueueMessage? Read(string text)
    {
        try
        {
            text = text.Trim();
            var json = text.StartsWith('{') ? Encoding.UTF8.GetBytes(text) : Convert.FromBase64String(text);
            return JsonSerializer.Deserialize(json, AzureJson.Default.QueueMessage) is { } message && MessageId.TryParse(message.Message, out _)
                ? message : null;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return null;
        }
    }
}

/// <summary>A copy of what a work needs.</summary>
internal sealed record WorkCopy
{
    /// <summary>When Relay took responsibility.</summary>
    [JsonPropertyName("relayAcceptedAt")]
    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>The whole envelope.</summary>
    [JsonPropertyName("relayEnvelope")]
    public required Envelope Envelope { get; init; }

    /// <summary>Who handed the message in.</summary>
    [JsonPropertyName("relayOrigin")]
    public required Origin Origin { get; init; }

    /// <summary>Where its content is.</summary>
    [JsonPropertyName("relayContent")]
    public required ContentHome Content { get; init; }

    /// <summary>What the work is about.</summary>
    [JsonPropertyName("relayDetail")]
    public required WorkDetail Detail { get; init; }

    /// <summary>How many works it follows from.</summary>
    [JsonPropertyName("relayDepth")]
    public int Depth { get; init; }

    /// <summary>The content stays for it.</summary>
    [JsonPropertyName("relayNeedsContent")]
    public bool NeedsContent { get; init; }
}
