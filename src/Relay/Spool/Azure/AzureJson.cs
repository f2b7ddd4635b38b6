using System.Text.Json.Serialization;
using Relay.Mail;
using Relay.Status;

namespace Relay.Spool.Azure;

/// <summary>The JSON of what rows and queue messages hold, beside that of <see cref="SpoolJson"/>.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(ForwardPath))]
[JsonSerializable(typeof(List<StatusEvent>))]
[JsonSerializable(typeof(QueueMessage))]
[JsonSerializable(typeof(RemoteReport))]
internal sealed partial class AzureJson : JsonSerializerContext;
