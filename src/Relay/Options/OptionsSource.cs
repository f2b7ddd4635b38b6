using System.Collections;

namespace Relay.Options;

/// <summary>Where the configuration is read from. The command line is stronger than the environment, which is stronger than the file.</summary>
public sealed record OptionsSource
{
    /// <summary>The data folder, as <c>--data</c> gives it; null when it is not given.</summary>
    public string? DataFolder { get; init; }

    /// <summary>The file, as <c>--config</c> gives it; null for <c>relay.json</c> in the data folder, which need not exist.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Environment variables by name; those that begin with <c>Relay__</c> are read.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>What relative paths of the command line and of the environment are relative to.</summary>
    public string WorkingFolder { get; init; } = System.Environment.CurrentDirectory;

    /// <summary>The environment of this process.</summary>
    public static IReadOnlyDictionary<string, string> ProcessEnvironment()
    {
        var variables = new Dictionary<string, string>();
        foreach (DictionaryEntry variable in System.Environment.GetEnvironmentVariables())
        {
            variables[(string)variable.Key] = (string?)variable.Value ?? "";
        }

        return variables;
    }
}
