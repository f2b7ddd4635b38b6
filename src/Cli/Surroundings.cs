using System.Security.Cryptography;
using Relay.Options;

namespace Relay.Cli;

/// <summary>What a command sees of the world around it.</summary>
internal sealed record Surroundings
{
    /// <summary>What was asked for.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>What went wrong.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Standard input, as octets.</summary>
    public required Func<Stream> OpenInput { get; init; }

    /// <summary>Standard output, as octets.</summary>
    public required Func<Stream> OpenOutput { get; init; }

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public required string WorkingFolder { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Safe for threads.</summary>
    public required Random Random { get; init; }

    /// <summary>For what nobody may guess.</summary>
    public RandomNumberGenerator Secrets { get; init; } = RandomNumberGenerator.Create();

    public static Surroundings OfProcess() => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        OpenInput = Console.OpenStandardInput,
        OpenOutput = Console.OpenStandardOutput,
        Environment = OptionsSource.ProcessEnvironment(),
        WorkingFolder = System.Environment.CurrentDirectory,
        Time = TimeProvider.System,
#pragma warning disable RS0030 // Here it is injected.
        Random = Random.Shared,
#pragma warning restore RS0030
    };

    /// <summary>Ends a command that cannot do what it was asked: one line that says why and what to do.</summary>
    public int Fail(int exitCode, string message)
    {
        Error.WriteLine($"relay: {Text.OneLine(message)}");
        return exitCode;
    }
}
