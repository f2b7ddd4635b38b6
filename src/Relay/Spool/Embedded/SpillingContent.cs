using System.Buffers;
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

    private byte[] buffer = ArrayPool<byte>.Shared.Rent(8 * 1024);
    private int used;
    private FileStream? file;
    private ContentHead? head;
    private bool accepted;
    private bool disposed;

    /// <summary>The name of the file, if it comes to one.</summary>
    public string Name { get; } = DataFolder.NewContentName(id);

    public long Length => used + (file?.Position ?? 0) + (head?.Growth ?? 0);

    /// <summary>The octets, when they are few enough for a row; otherwise they are in the file.</summary>
    public bool IsInline => file is null && used <= InlineLimit;

    public ReadOnlyMemory<byte> Inline => buffer.AsMemory(0, used);

    /// <summary>What stands in place of the first octets of the file; null when it is right as it is.</summary>
    public ContentHead? Head => head;

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, buffer.Length - used);
        used += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        var room = Math.Max(sizeHint, 1);
        if (buffer.Length - used < room)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(buffer.Length * 2, used + room));
            buffer.AsSpan(0, used).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }

        return buffer.AsMemory(used);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public ValueTask FlushAsync(CancellationToken cancel) => used > InlineLimit ? SpillAsync(cancel) : default;

    public async ValueTask<Stream> OpenReadAsync(CancellationToken cancel)
    {
        if (IsInline)
        {
            // A copy: the buffer goes to other sessions, and who reads too long must not read their mail.
            return new MemoryStream(Inline.ToArray(), writable: false);
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
            ReplaceInBuffer(length, octets.Span);
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
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
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

    private void ReplaceInBuffer(int length, ReadOnlySpan<byte> octets)
    {
        GetMemory(octets.Length);
        buffer.AsSpan(length, used - length).CopyTo(buffer.AsSpan(octets.Length));
        octets.CopyTo(buffer);
        used += octets.Length - length;
    }

    private async ValueTask SpillAsync(CancellationToken cancel)
    {
        Guard(() => file ??= new FileStream(
            folder.ContentFile(Name), FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous));
        try
        {
            await file!.WriteAsync(buffer.AsMemory(0, used), cancel);
            used = 0;
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
