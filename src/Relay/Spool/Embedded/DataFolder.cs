using System.Runtime.InteropServices;
using Relay.Mail;

namespace Relay.Spool.Embedded;

/// <summary>
/// The files of an embedded spool: <c>spool.db</c>, a file for each large content under <c>content/</c>, and
/// <c>lock</c>, which the relay that has the folder open keeps locked; the lock goes with the process, however it ends.
/// </summary>
internal sealed partial class DataFolder : IDisposable
{
    private readonly FileStream? heldLock;

    private DataFolder(string path, FileStream? heldLock)
    {
        Path = path;
        this.heldLock = heldLock;
    }

    public string Path { get; }

    public string Database => System.IO.Path.Combine(Path, "spool.db");

    public string ContentFolder => System.IO.Path.Combine(Path, "content");

    /// <summary>Makes the folder where it is missing and locks it.</summary>
    public static DataFolder Lock(string path)
    {
        try
        {
            Create(path);
            Create(System.IO.Path.Combine(path, "content"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SpoolException(SpoolFault.Unavailable, $"cannot make the data folder {path}: {e.Message}", e);
        }

        var file = System.IO.Path.Combine(path, "lock");
        try
        {
            return new DataFolder(path, new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (IsLockedByAnother(e))
        {
            throw new SpoolException(SpoolFault.InUse,
                $"another relay has the data folder {path} open: stop it, or give this one a folder of its own with --data", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SpoolException(SpoolFault.Unavailable, $"cannot write in the data folder {path}: {e.Message}", e);
        }
    }

    /// <summary>Looks into a folder that another process may have open.</summary>
    public static DataFolder Look(string path)
    {
        var folder = new DataFolder(path, null);
        return File.Exists(folder.Database)
            ? folder
            : throw new SpoolException(SpoolFault.Unavailable, $"there is no spool in {path}: name the relay's data folder with --data");
    }

    /// <summary>Makes a folder where it is missing. Mail is for its owner's eyes: a folder that we make is closed to other users of the machine.</summary>
    public static void Create(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>A name for new content, never used before: a message that is received twice must not touch its first content.</summary>
    public static string NewContentName(MessageId id) => $"{id}-{System.IO.Path.GetRandomFileName()}";

    /// <summary>Whose content a file was made for.</summary>
    public static bool TryReadContentName(string name, out MessageId id) => MessageId.TryParse(name.Split('-')[0], out id);

    public string ContentFile(string name) => System.IO.Path.Combine(ContentFolder, name);

    /// <summary>Makes the names of new content files durable: a file's own sync does not promise that.</summary>
    public void SyncContentFolder() => Sync(ContentFolder);

    /// <summary>Makes the names of new files in a folder durable.</summary>
    public static void Sync(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = OpenFolder(folder, 0);
        if (descriptor < 0)
        {
            throw new SpoolException(SpoolFault.Unavailable, $"cannot open {folder} to sync it");
        }

        var failed = SyncFile(descriptor) != 0;
        _ = CloseFile(descriptor);
        if (failed)
        {
            throw new SpoolException(SpoolFault.Unavailable, $"cannot sync {folder}");
        }
    }

    public void Dispose() => heldLock?.Dispose();

    /// <summary>EWOULDBLOCK of Linux and of macOS, or ERROR_SHARING_VIOLATION: the runtime gives them in the low half of HResult.</summary>
    private static bool IsLockedByAnother(IOException e) => (e.HResult & 0xffff) is 11 or 35 or 32;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncFile(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseFile(int descriptor);
}
