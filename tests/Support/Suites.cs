namespace Relay.Support;

/// <summary>Test material that others wrote. It lies beside the sources, and is no part of them.</summary>
public static class Suites
{
    /// <summary>The full path of a file of it, which need not be there.</summary>
    public static string File(string path)
    {
        var folder = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(Path.Combine(folder, "Relay.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("Relay.sln");
        }

        return Path.GetFullPath(Path.Combine(folder, "..", "shared", "suites", path));
    }
}
