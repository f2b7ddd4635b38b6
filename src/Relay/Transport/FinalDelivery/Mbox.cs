using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using Relay.Spool.Embedded;

namespace Relay.Transport.FinalDelivery;

/// <summary>
/// An mbox (RFC 4155, quoted as mboxrd): locked by a file <c>.lock</c> beside it and by the lock of the operating system, as mail
/// readers do; appended, synced; cut off where it was when something goes wrong.
/// </summary>
internal sealed class Mbox(TimeProvider time) : IMailboxStore
{
    /// <summary>How long a mailbox that somebody else has locked is waited for.</summary>
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(10);

    /// <summary>A lock file older than this was left behind.</summary>
    private static readonly TimeSpan LockLifetime = TimeSpan.FromMinutes(10);

    /// <summary>What the operating system says when a file that is to be new is there.</summary>
    private static readonly int FileExists = OperatingSystem.IsWindows() ? unchecked((int)0x80070050) : 17;

    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(100);

    public async Task AddAsync(string place, MailboxMessage message, CancellationToken cancel)
    {
        DataFolder.Create(Path.GetDirectoryName(place)!);
        await using var held = await LockAsync($"{place}.lock", cancel);
        await using var mailbox = await OpenAsync(place, cancel);
        var end = mailbox.Length;
        try
        {
            await EndLastLineAsync(mailbox, cancel);
            await mailbox.WriteAsync(Encoding.UTF8.GetBytes(Separator(message)), cancel);
            await FinalContent.WriteLinesAsync(mailbox, message.Head, message.Content, quoteFrom: true, cancel);
            mailbox.WriteByte((byte)'\n');
            mailbox.Flush(flushToDisk: true);
            if (end == 0)
            {
                DataFolder.Sync(Path.GetDirectoryName(place)!);
            }
        }
        catch
        {
            // Half a message would become part of the next one.
            mailbox.SetLength(end);
            throw;
        }
    }

    /// <summary>A crash may have left half a message: what comes behind it must begin on a line of its own, or it would be lost within it.</summary>
    private static async Task EndLastLineAsync(FileStream mailbox, CancellationToken cancel)
    {
        var last = new byte[1];
        mailbox.Position = Math.Max(0, mailbox.Length - 1);
        if (await mailbox.ReadAsync(last, cancel) > 0 && last[0] != '\n')
        {
            await mailbox.WriteAsync("\n\n"u8.ToArray(), cancel);
        }
    }

    /// <summary>What stands before each message, with the time as ctime(3) writes it. A sender with a space would end it early.</summary>
    private static string Separator(MailboxMessage message)
    {
        var sender = message.Sender.IsNull ? "MAILER-DAEMON" : message.Sender.ToString().Replace(' ', '-');
        return string.Create(CultureInfo.InvariantCulture, $"From {sender} {message.At.UtcDateTime:ddd MMM d HH:mm:ss yyyy}\n");
    }

    /// <summary>The file beside it, which is there exactly as long as it is held.</summary>
    private async Task<FileStream> LockAsync(string file, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(file, new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    Options = FileOptions.DeleteOnClose,
                });
            }
            catch (IOException e) when (e.HResult == FileExists || File.Exists(file))
            {
                // A lock that was let go meanwhile has the time of no file (1601), and is not old: another holds the next one already.
                if (File.GetLastWriteTimeUtc(file) is { Year: > 1601 } at && time.GetUtcNow() - at > LockLifetime)
                {
                    File.Delete(file);
                    continue;
                }
            }

            await PauseAsync(file, began, cancel);
        }
    }

    private async Task<FileStream> OpenAsync(string place, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                // FileShare.None is flock(2), Lock is fcntl(2): readers use the one or the other.
                var mailbox = new FileStream(place, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                if (!OperatingSystem.IsMacOS())
                {
                    LockRange(mailbox);
                }

                return mailbox;
            }
            catch (IOException) when (File.Exists(place))
            {
                await PauseAsync(place, began, cancel);
            }
        }
    }

    [UnsupportedOSPlatform("macos")]
    private static void LockRange(FileStream mailbox)
    {
        try
        {
            mailbox.Lock(0, long.MaxValue);
        }
        catch
        {
            mailbox.Dispose();
            throw;
        }
    }

    private async Task PauseAsync(string what, long began, CancellationToken cancel)
    {
        if (time.GetElapsedTime(began) >= LockTimeout)
        {
            throw new MailboxLockedException($"{what} is locked by another program");
        }

        await Task.Delay(LockPause, time, cancel);
    }
}
