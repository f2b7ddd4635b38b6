using System.Text.Json.Serialization;
using Relay.Mail;

namespace Relay.Spool.Azure;

/// <summary>Where the content of a message is: a blob, and what stands in place of its first octets.</summary>
/// <param name="Blob">The name of the blob.</param>
/// <param name="Size">Octets of the whole, its head counted in.</param>
internal sealed record ContentHome(
    [property: JsonPropertyName("relayBlob")] string Blob,
    [property: JsonPropertyName("relaySize")] long Size)
{
    /// <summary>Octets of the blob that the head stands in place of.</summary>
    [JsonPropertyName("relaySkip")]
    public int Skip { get; init; }

    /// <summary>What stands there; null for nothing.</summary>
    [JsonPropertyName("relayHead")]
    public byte[]? Head { get; init; }

    /// <summary>Octets of the blob.</summary>
    [JsonIgnore]
    public long BlobSize => Size - (Head?.Length ?? 0) + Skip;

    /// <summary>The same blob behind another head.</summary>
    public ContentHome With(ContentHead head)
    {
        if (head.Length > Size)
        {
            throw new SpoolException(SpoolFault.Corrupt, $"there are no {head.Length} octets of content to replace");
        }

        var next = new ContentHead(Skip, Head).Then(head);
        return this with { Size = Size + head.Growth, Skip = next.Length, Head = next.Octets.ToArray() };
    }
}
