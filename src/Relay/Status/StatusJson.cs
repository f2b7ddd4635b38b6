using System.Text.Json.Serialization;

namespace Relay.Status;

/// <summary>The JSON of the status, the same over HTTP and on the command line: camel case, times in ISO 8601, null left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(MessageStatus))]
[JsonSerializable(typeof(StatusPage))]
[JsonSerializable(typeof(QueuePage))]
[JsonSerializable(typeof(QueueSummary))]
[JsonSerializable(typeof(Spool.QueueChange))]
public sealed partial class StatusJson : JsonSerializerContext;
