using System.Text;

namespace Relay.Tests;

/// <summary>The messages of the MIME suite, which nobody here wrote, with CRLF at their line ends; see the README of the suites.</summary>
internal static class MimeSuite
{
    /// <summary>All of them, by names such as <c>msg_01.eml</c>. Skips the test where the suite is not there.</summary>
    public static IReadOnlyList<(string Name, byte[] Content)> Messages()
    {
        var folder = Path.GetFullPath(Path.Combine(Root(), "..", "shared", "suites", "mime"));
        Assert.SkipUnless(Directory.Exists(folder), $"needs the suite in {folder}");
        var messages = Directory.GetFiles(folder, "*.txt").Order(StringComparer.Ordinal)
            .Select(file => (Path.GetFileNameWithoutExtension(file) + ".eml", WithCrLf(File.ReadAllBytes(file)))).ToArray();
        Assert.True(messages.Length >= 47);
        return messages;
    }

    private static byte[] WithCrLf(byte[] octets) =>
        Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(octets).Replace("\r\n", "\n").Replace("\n", "\r\n"));

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
