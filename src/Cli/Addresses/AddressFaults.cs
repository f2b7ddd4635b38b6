using Relay.Addresses;

namespace Relay.Cli.Addresses;

/// <summary>Tells what is wrong with what was written.</summary>
internal static class AddressFaults
{
    /// <param name="names">What the command line calls each parameter.</param>
    public static int Tell(Surroundings around, IReadOnlyList<AddressFault> faults, params (string Parameter, string Name)[] names)
    {
        foreach (var fault in faults)
        {
            around.Fail(ExitCodes.Usage, $"{names.First(name => name.Parameter == fault.Parameter).Name}: {fault.Problem}");
        }

        return ExitCodes.Usage;
    }
}
