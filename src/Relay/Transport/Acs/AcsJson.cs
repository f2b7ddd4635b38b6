using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Relay.Transport.Acs;

/// <summary>One mail as Azure Communication Services Email is asked to send it. The names are the service's.</summary>
internal sealed record AcsEmail
{
    /// <summary>A bare address of a domain that the service has verified; it is refused with a display name.</summary>
    public required string SenderAddress { get; init; }

    /// <summary>What is shown.</summary>
    public required AcsContent Content { get; init; }

    /// <summary>Who gets it: 50 at most, all lists together.</summary>
    public required AcsRecipientLists Recipients { get; init; }

    /// <summary>Where answers go; null to leave that to the sender's address.</summary>
    public IReadOnlyList<AcsAddress>? ReplyTo { get; init; }

    /// <summary>Further header fields, each once.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>Files, and images that the HTML shows.</summary>
    public IReadOnlyList<AcsAttachment>? Attachments { get; init; }

    /// <summary>Tracking rewrites links and adds a picture: content stays what it is, so it is always off.</summary>
    public bool UserEngagementTrackingDisabled { get; init; } = true;
}

/// <summary>The subject and one or both spellings of the text.</summary>
internal sealed record AcsContent(string Subject, string? PlainText, string? Html);

/// <summary>Who gets it. <c>To</c> may not be empty.</summary>
internal sealed record AcsRecipientLists(
    IReadOnlyList<AcsAddress> To, IReadOnlyList<AcsAddress>? Cc, IReadOnlyList<AcsAddress>? Bcc);

/// <summary>An address, and the name that stands before it.</summary>
internal sealed record AcsAddress(string Address, string? DisplayName);

/// <summary>A file. With a content id the HTML can show it.</summary>
internal sealed record AcsAttachment(string Name, string ContentType, byte[] ContentInBase64, string? ContentId);

/// <summary>What the service says of an operation.</summary>
internal sealed record AcsOperationAnswer
{
    /// <summary>The operation.</summary>
    public string? Id { get; init; }

    /// <summary>NotStarted, Running, Succeeded, Failed or Canceled.</summary>
    public string? Status { get; init; }

    /// <summary>Why it failed.</summary>
    public AcsFault? Error { get; init; }
}

/// <summary>What went wrong, in the service's words.</summary>
internal sealed record AcsFault(string? Code, string? Message);

/// <summary>The JSON of the service. Text goes out as it is, not as escapes: every octet counts towards the 10 MB of a request.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    PropertyNameCaseInsensitive = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AcsEmail))]
[JsonSerializable(typeof(AcsOperationAnswer))]
internal sealed partial class AcsJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is.</summary>
    public static AcsJson Plain { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        PropertyNameCaseInsensitive = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
