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
        var path = folders.Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        if (path is null && Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.Fail($"{name} is missing; {from} has it");
        }

        Assert.SkipWhen(path is null, $"needs {name}, of {from}");
        return path!;
    }
}
