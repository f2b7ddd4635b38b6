using Relay.Mail;

namespace Relay.Spool.Embedded;

/// <summary>
/// Content that is being received: in memory up to <see cref="InlineLimit"/> octets, in a file from there on, so that a
/// session holds no more memory than that however large its message is.
/// </summary>
internal sealed class SpillingContent(DataFolder folder, MessageId id, Action<SpillingContent> closed) : IContentWriter
{
    /// <summary>Octets that are kept in a row of the database; larger content has a file of its own.</summary>
    public const int InlineLimit = 64 * 1024;

    private readonly ContentBuffer buffer = new();
    private FileStream? file;
    private ContentHead? head;
    private bool accepted;
    private bool disposed;

    /// <summary>The name of the file, if it comes to one.</summary>
    public string Name { get; } = DataFolder.NewContentName(id);

    public long Length => buffer.Length + (file?.Position ?? 0) + (head?.Growth ?? 0);

    /// <summary>The octets, when they are few enough for a row; otherwise they are in the file.</summary>
    public bool IsInline => file is null && buffer.Length <= InlineLimit;

    public ReadOnlyMemory<byte> Inline => buffer.Written;

    /// <summary>What stands in place of the first octets of the file; null when it is right as it is.</summary>
    public ContentHead? Head => head;

    public void Advance(int count) => buffer.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => buffer.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public ValueTask FlushAsync(CancellationToken cancel) => buffer.Length > InlineLimit ? SpillAsync(cancel) : default;

    public async ValueTask<Stream> OpenReadAsync(CancellationToken cancel)
    {
        if (IsInline)
        {
            return buffer.ReadCopy();
        }

        await SpillAsync(cancel);
        FileStream? whole = null;
        Guard(() => whole = new FileStream(
            folder.ContentFile(Name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, InlineLimit, useAsync: true));
        return head is null ? whole! : new HeadedStream(head, whole!);
    }

    public void ReplaceHead(int length, ReadOnlyMemory<byte> octets)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        if (file is null)
        {
            buffer.ReplaceHead(length, octets.Span);
            return;
        }

        var next = new ContentHead(length, octets);
        head = head?.Then(next) ?? next;
    }

    /// <summary>Makes large content durable: its octets, then its name.</summary>
    public async Task SyncAsync()
    {
        await SpillAsync(default);
        await Task.Run(() => Guard(() =>
        {
            file!.Flush(flushToDisk: true);
            folder.SyncContentFolder();
        }));
    }

    /// <summary>The spool has the message now: disposing leaves the file alone.</summary>
    public void MarkAccepted() => accepted = true;

    public async ValueTask DisposeAsync()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        buffer.Dispose();
        if (file is not null)
        {
            await file.DisposeAsync();
            if (!accepted)
            {
                File.Delete(file.Name);
            }
        }

        closed(this);
    }

    private async ValueTask SpillAsync(CancellationToken cancel)
    {
        Guard(() => file ??= new FileStream(
            folder.ContentFile(Name), FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous));
        try
        {
            await file!.WriteAsync(buffer.Written, cancel);
            buffer.Clear();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Fault(e);
        }
    }

    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && e is not SpoolException)
        {
            throw Fault(e);
        }
    }

    private SpoolException Fault(Exception e) =>
        new(IsFull(e) ? SpoolFault.Full : SpoolFault.Unavailable, $"cannot write content {id}: {e.Message}", e);

    /// <summary>ENOSPC and EDQUOT, or ERROR_DISK_FULL: the runtime gives them in the low half of HResult.</summary>
    private static bool IsFull(Exception e) => (e.HResult & 0xffff) is 28 or 122 or 112;
}
