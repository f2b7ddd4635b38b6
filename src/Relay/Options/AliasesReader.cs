using Relay.Addresses;

namespace Relay.Options;

/// <summary>Reads the list of aliases. That one leads in a circle shows when its mail does: the address book can lead there too.</summary>
internal sealed class AliasesReader(SettingsReader reader)
{
    private const string Aliases = "Aliases";

    public IReadOnlyList<Alias> Read()
    {
        var firstOfAddress = new Dictionary<string, int>();
        return [.. reader.Items(Aliases).Select(item => Read(item, firstOfAddress))];
    }

    private Alias Read(int item, Dictionary<string, int> firstOfAddress)
    {
        var address = CanonicalAddress.Of(reader.Read(Settings.AliasAddress, item));
        if (!reader.IsGiven(Settings.AliasAddress, item))
        {
            reader.AddFault(Settings.AliasAddress, item, $"must be given; allowed is {Settings.AliasAddress.Allowed}");
        }
        else if (!firstOfAddress.TryAdd(address, item))
        {
            reader.AddFault(Settings.AliasAddress, item, $"{address} stands at {Aliases}:{firstOfAddress[address]} already");
        }

        if (!reader.IsGiven(Settings.AliasTargets, item))
        {
            reader.AddFault(Settings.AliasTargets, item, $"must be given; allowed is {Settings.AliasTargets.Allowed}");
        }

        return new Alias(address, reader.Read(Settings.AliasTargets, item));
    }
}
