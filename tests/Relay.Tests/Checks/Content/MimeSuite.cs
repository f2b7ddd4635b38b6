using System.Text;

namespace Relay.Tests.Checks.Content;

/// <summary>Messages that nobody here wrote; see the README of the suites.</summary>
internal static class MimeSuite
{
    public static string Folder { get; } = Path.GetFullPath(Path.Combine(Root(), "..", "shared", "suites", "mime"));

    public static IEnumerable<string> Files() => Directory.GetFiles(Folder, "*.txt").Order(StringComparer.Ordinal);

    /// <summary>Each character is an octet; the suite's line ends are LF.</summary>
    public static string WithCrLf(string file) =>
        Encoding.Latin1.GetString(File.ReadAllBytes(file)).Replace("\r\n", "\n").Replace("\n", "\r\n");

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Relay.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("Relay.sln");
        }

        return folder;
    }
}
