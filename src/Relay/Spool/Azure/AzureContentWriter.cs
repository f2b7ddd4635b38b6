using System.Buffers.Binary;
using System.Security.Cryptography;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Relay.Mail;

namespace Relay.Spool.Azure;

/// <summary>
/// Content that is being received: in memory up to <see cref="AzureContent.InlineLimit"/> octets; from there on it goes to a blob in
/// blocks, so that a session holds no more memory than that however large its message is.
/// </summary>
internal sealed class AzureContentWriter(AzureShard shard, MessageId id, TimeProvider time) : IContentWriter
{
    /// <summary>How long storage may keep a session waiting for one step: far less than a client waits for its reply (RFC 5321 §4.5.3.2).</summary>
    internal static readonly TimeSpan StepTimeout = TimeSpan.FromSeconds(30);

    private readonly BlockBlobClient blob = shard.Content.GetBlockBlobClient(AzureContent.NewName(id, RandomNumberGenerator.GetHexString(12, lowercase: true)));
    private readonly List<string> blocks = [];
    private readonly ContentBuffer buffer = new();
    private long staged;
    private ContentHead? head;
    private bool mayBeThere;
    private bool isTaken;
    private bool disposed;

    public long Length => staged + buffer.Length + (head?.Growth ?? 0);

    /// <summary>The shard that it goes to.</summary>
    public AzureShard Shard => shard;

    /// <summary>Where it is once it is stored.</summary>
    public ContentHome Home => new(blob.Name, Length) { Skip = head?.Length ?? 0, Head = head?.Octets.ToArray() };

    private bool IsInline => blocks.Count == 0 && buffer.Length <= AzureContent.InlineLimit;

    public void Advance(int count) => buffer.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => buffer.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public async ValueTask FlushAsync(CancellationToken cancel)
    {
        if (buffer.Length > AzureContent.InlineLimit)
        {
            await StageAsync(cancel);
        }
    }

    public async ValueTask<Stream> OpenReadAsync(CancellationToken cancel)
    {
        if (IsInline)
        {
            return buffer.ReadCopy();
        }

        // Blocks that are committed now may be committed again, with those that follow.
        await StoreBlocksAsync(cancel);
        return await AzureContent.OpenAsync(shard, id, Home, cancel);
    }

    public void ReplaceHead(int length, ReadOnlyMemory<byte> octets)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        if (IsInline)
        {
            buffer.ReplaceHead(length, octets.Span);
            return;
        }

        var next = new ContentHead(length, octets);
        head = head?.Then(next) ?? next;
    }

    /// <summary>Makes the content durable. It still belongs to no message.</summary>
    public async Task StoreAsync()
    {
        if (!IsInline)
        {
            await StoreBlocksAsync(default);
            return;
        }

        await RunAsync(cancel => blob.UploadAsync(
            buffer.Read(), new BlobUploadOptions { TransferOptions = new() { InitialTransferSize = 2 * AzureContent.InlineLimit } }, cancel), default);
    }

    /// <summary>A message has it now, or may have it: disposing leaves the blob alone.</summary>
    public void MarkTaken() => isTaken = true;

    /// <summary>The message has another content: disposing removes this one.</summary>
    public void MarkGivenUp() => isTaken = false;

    public async ValueTask DisposeAsync()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        buffer.Dispose();
        if (mayBeThere && !isTaken)
        {
            await DeleteAsync();
        }
    }

    /// <summary>Blocks that belong to no blob go with one of none; what cannot be removed now is an orphan for the sweep.</summary>
    private async Task DeleteAsync()
    {
        try
        {
            await RunAsync(async cancel =>
            {
                if (blocks.Count > 0)
                {
                    await blob.CommitBlockListAsync([], cancellationToken: cancel);
                }

                return await blob.DeleteIfExistsAsync(cancellationToken: cancel);
            }, default);
        }
        catch (SpoolException)
        {
            // Whoever gives up a message is not to be told that storage is in trouble.
        }
    }

    private async Task StoreBlocksAsync(CancellationToken cancel)
    {
        if (buffer.Length > 0)
        {
            await StageAsync(cancel);
        }

        await RunAsync(limited => blob.CommitBlockListAsync(blocks, cancellationToken: limited), cancel);
    }

    private async Task StageAsync(CancellationToken cancel)
    {
        var number = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(number, blocks.Count);
        var name = Convert.ToBase64String(number);
        await RunAsync(limited => blob.StageBlockAsync(name, buffer.Read(), cancellationToken: limited), cancel);
        blocks.Add(name);
        staged += buffer.Length;
        buffer.Clear();
    }

    private async Task RunAsync<T>(Func<CancellationToken, Task<T>> action, CancellationToken cancel)
    {
        mayBeThere = true;
        using var timeout = new CancellationTokenSource(StepTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
        try
        {
            await action(either.Token);
        }
        catch (Exception e) when (AzureFault.IsStorage(e) || (timeout.IsCancellationRequested && !cancel.IsCancellationRequested))
        {
            throw AzureFault.Of($"store content {id}", e);
        }
    }
}
