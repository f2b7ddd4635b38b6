using System.CommandLine;
using Relay.Status;

namespace Relay.Cli.Status;

/// <summary>What the commands that ask for lists have in common.</summary>
internal static class QueryOptions
{
    /// <summary>An option that narrows the list.</summary>
    public static Option<string> Filter(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description };

    /// <summary>Tells each fault of a question.</summary>
    public static int WrongUsage(IReadOnlyList<QueryFault> faults, Surroundings around)
    {
        foreach (var fault in faults)
        {
            around.Fail(ExitCodes.Usage, $"--{fault.Parameter}: {fault.Problem}");
        }

        return ExitCodes.Usage;
    }
}
