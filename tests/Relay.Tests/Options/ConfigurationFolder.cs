using Relay.Options;

namespace Relay.Tests.Options;

/// <summary>A data folder of its own for a test.</summary>
internal sealed class ConfigurationFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("relay-options-").FullName;

    public string File => System.IO.Path.Combine(Path, "relay.json");

    public void WriteConfiguration(string json) => System.IO.File.WriteAllText(File, json);

    public OptionsResult Load(params (string Name, string Value)[] environment) => OptionsLoader.Load(new OptionsSource
    {
        DataFolder = Path,
        Environment = environment.ToDictionary(variable => variable.Name, variable => variable.Value),
    });

    public RelayOptions LoadValid(params (string Name, string Value)[] environment)
    {
        var result = Load(environment);
        Assert.Empty(result.Faults);
        return result.Options!;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
