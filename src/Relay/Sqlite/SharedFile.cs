using Microsoft.Data.Sqlite;
using Relay.Spool;
using Relay.Spool.Embedded;

namespace Relay.Sqlite;

/// <summary>
/// A database file that, unlike the spool, several processes may have open at once: a command can use it beside a running
/// relay. It is for its owner's eyes.
/// </summary>
internal static class SharedFile
{
    /// <summary>How long one process waits for another one that writes.</summary>
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Makes folder, file and tables where they are missing.</summary>
    /// <exception cref="SpoolException">It cannot be made or opened; the message says what to do.</exception>
    public static void Create(string file, int version, string tables)
    {
        try
        {
            DataFolder.Create(Path.GetDirectoryName(file)!);
            CreateForOwnerOnly(file);
            using var connection = Connect(file);
            CreateTables(connection, version, tables);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new SpoolException(SpoolFault.Unavailable, $"cannot open {file}: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new SpoolException((e as SpoolException)?.Fault ?? SpoolFault.Unavailable, $"cannot open {file}: {e.Message}", e);
        }
    }

    /// <summary>Opens the file that <see cref="Create"/> made. A commit is on the disk when it returns, unless it need not be.</summary>
    public static SqliteConnection Connect(string file, bool isDurable = true)
    {
        var connection = SqliteFile.Open(file, SqliteOpenMode.ReadWrite);
        try
        {
            SqliteFile.Execute(connection, $"""
                PRAGMA busy_timeout={BusyTimeout.TotalMilliseconds};
                PRAGMA journal_mode=WAL;
                PRAGMA synchronous={(isDurable ? "FULL" : "NORMAL")};
                """);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>SQLite gives the files that it makes beside it the same permissions.</summary>
    private static void CreateForOwnerOnly(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        if (!File.Exists(file))
        {
            new FileStream(file, options).Dispose();
        }
    }

    /// <summary>Two processes may get here at the same time: the second one finds what the first one made.</summary>
    private static void CreateTables(SqliteConnection connection, int version, string tables)
    {
        if (SqliteFile.Version(connection) == version)
        {
            return;
        }

        SqliteFile.Execute(connection, "BEGIN IMMEDIATE");
        var found = SqliteFile.Version(connection);
        if (found == 0)
        {
            SqliteFile.Execute(connection, $"{tables} PRAGMA user_version={version};");
        }
        else if (found != version)
        {
            throw new SpoolException(SpoolFault.Corrupt,
                $"it has format {found}, and this relay reads format {version}: use the version of Relay that wrote it, or another data folder");
        }

        SqliteFile.Execute(connection, "COMMIT");
    }
}
