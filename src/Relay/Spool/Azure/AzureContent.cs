using Azure;
using Azure.Storage.Blobs.Models;
using Relay.Mail;

namespace Relay.Spool.Azure;

/// <summary>Reads stored contents.</summary>
internal static class AzureContent
{
    /// <summary>Octets of content that are sent, read and kept in memory at once; a content of no more than that is one request.</summary>
    public const int InlineLimit = 256 * 1024;

    /// <summary>The name of a new blob: contents stand in the order of the rows of their messages.</summary>
    public static string NewName(MessageId id, string random) => $"{RowKeys.PartitionOf(id)}/{RowKeys.Inverted(id)}-{random}";

    /// <summary>Whose content a blob is; null for one that is none of the spool's.</summary>
    public static MessageId? IdOf(string name) => name.IndexOf('/') is > 0 and var slash ? RowKeys.IdOf(name[(slash + 1)..]) : null;

    /// <summary>Opens a content, seekable.</summary>
    /// <exception cref="SpoolException">It is gone or not what it was (<see cref="SpoolFault.Corrupt"/>), or cannot be read now.</exception>
    public static async Task<Stream> OpenAsync(AzureShard shard, MessageId id, ContentHome home, CancellationToken cancel)
    {
        Stream stream = home.BlobSize <= InlineLimit
            ? await ReadAsync(shard, id, home, cancel)
            : await BlobStream.OpenAsync(shard.Content.GetBlobClient(home.Blob), id, home.BlobSize, cancel);
        return home is { Skip: 0, Head: null or { Length: 0 } } ? stream : new HeadedStream(new ContentHead(home.Skip, home.Head), stream);
    }

    /// <summary>The fault of a content that cannot be read.</summary>
    public static SpoolException Fault(MessageId id, Exception e) => e is RequestFailedException { Status: 404 }
        ? new SpoolException(SpoolFault.Corrupt, $"the content of {id} is gone", e)
        : AzureFault.Of($"read the content of {id}", e);

    /// <summary>A content that is not as long as it should be.</summary>
    public static SpoolException WrongSize(MessageId id, long size, long expected) =>
        new(SpoolFault.Corrupt, $"the content of {id} has {size} octets and should have {expected}");

    private static async Task<MemoryStream> ReadAsync(AzureShard shard, MessageId id, ContentHome home, CancellationToken cancel)
    {
        BlobDownloadResult result;
        try
        {
            result = await shard.Content.GetBlobClient(home.Blob).DownloadContentAsync(cancel);
        }
        catch (Exception e) when (AzureFault.IsStorage(e))
        {
            throw Fault(id, e);
        }

        var octets = result.Content.ToArray();
        return octets.Length == home.BlobSize ? new MemoryStream(octets, writable: false) : throw WrongSize(id, octets.Length, home.BlobSize);
    }
}
