using System.Text;

namespace Relay.Tests.Signing;

/// <summary>The messages of the MIME suite with CRLF at their line ends.</summary>
internal static class MimeSuite
{
    /// <summary>All of them, by the names of their files.</summary>
    public static IReadOnlyList<(string Name, byte[] Content)> Messages()
    {
        var folder = Path.GetFullPath(Path.Combine(Root(), "..", "shared", "suites", "mime"));
        Assert.SkipUnless(Directory.Exists(folder), $"needs the suite in {folder}");
        var messages = Directory.GetFiles(folder, "*.txt").Order().Select(file => (Path.GetFileNameWithoutExtension(file) + ".eml", WithCrLf(file))).ToArray();
        Assert.True(messages.Length >= 47);
        return messages;
    }

    private static byte[] WithCrLf(string file) =>
        Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(File.ReadAllBytes(file)).Replace("\r\n", "\n").Replace("\n", "\r\n"));

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Relay.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
