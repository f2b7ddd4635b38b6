using Xunit;

namespace Relay.Support;

/// <summary>What a test needs of the machine.</summary>
public static class Needs
{
    private static readonly string[] SystemFolders = ["/usr/sbin", "/usr/local/sbin", "/sbin"];

    /// <summary>The path of a program. Without it the test is skipped; under CI, where all is installed, it fails.</summary>
    public static string Program(string name, string from)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Concat(SystemFolders);
        var path = folders.Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, name)).FirstOrDefault(System.IO.File.Exists);
        Require(path is not null, name, from);
        return path!;
    }

    /// <summary>A file that is not under version control. Without it the test is skipped; under CI it fails.</summary>
    public static void File(string path, string from) => Require(System.IO.File.Exists(path), path, from);

    private static void Require(bool isThere, string what, string from)
    {
        if (!isThere && Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.Fail($"{what} is missing; {from} has it");
        }

        Assert.SkipUnless(isThere, $"needs {what}, of {from}");
    }
}
