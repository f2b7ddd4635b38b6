using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Relay.Mail;

namespace Relay.Spool.Azure;

/// <summary>A large content, read as it is asked for: on end to end it is one request, and one more for each jump.</summary>
internal sealed class BlobStream : Stream
{
    private readonly BlobClient blob;
    private readonly MessageId id;
    private readonly long length;
    private ETag version;
    private Stream? download;
    private long downloadedTo;
    private long position;

    private BlobStream(BlobClient blob, MessageId id, long length) => (this.blob, this.id, this.length) = (blob, id, length);

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            position = value;
        }
    }

    /// <summary>Opens a content that is to have so many octets.</summary>
    /// <exception cref="SpoolException">It has not, or cannot be read.</exception>
    public static async Task<BlobStream> OpenAsync(BlobClient blob, MessageId id, long length, CancellationToken cancel)
    {
        var stream = new BlobStream(blob, id, length);
        await stream.DownloadAsync(cancel);
        return stream;
    }

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override int Read(Span<byte> buffer)
    {
        var octets = new byte[buffer.Length];
        var read = Read(octets, 0, octets.Length);
        octets.AsSpan(0, read).CopyTo(buffer);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (position >= length || buffer.IsEmpty)
        {
            return 0;
        }

        if (download is null || downloadedTo != position)
        {
            await DownloadAsync(cancellationToken);
        }

        try
        {
            var read = await download!.ReadAsync(buffer, cancellationToken);
            position += read;
            downloadedTo = position;
            return read > 0 ? read : throw AzureContent.WrongSize(id, position, length);
        }
        catch (Exception e) when (AzureFault.IsStorage(e))
        {
            await EndDownloadAsync();
            throw AzureContent.Fault(id, e);
        }
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
    {
        SeekOrigin.Begin => 0,
        SeekOrigin.Current => position,
        _ => length,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await EndDownloadAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            download?.Dispose();
            download = null;
        }

        base.Dispose(disposing);
    }

    private async Task DownloadAsync(CancellationToken cancel)
    {
        await EndDownloadAsync();
        try
        {
            var options = new BlobDownloadOptions
            {
                Range = new HttpRange(position),
                Conditions = version == default ? null : new BlobRequestConditions { IfMatch = version },
            };
            var result = (await blob.DownloadStreamingAsync(options, cancel)).Value;
            version = result.Details.ETag;
            if (result.Details.ContentLength != length - position)
            {
                await result.Content.DisposeAsync();
                throw AzureContent.WrongSize(id, position + result.Details.ContentLength, length);
            }

            (download, downloadedTo) = (result.Content, position);
        }
        catch (Exception e) when (AzureFault.IsStorage(e))
        {
            throw AzureContent.Fault(id, e);
        }
    }

    private async ValueTask EndDownloadAsync()
    {
        if (download is not null)
        {
            await download.DisposeAsync();
            download = null;
        }
    }
}
