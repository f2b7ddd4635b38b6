namespace Relay.Options;

/// <summary>Reads the list of our own domains.</summary>
internal sealed class DomainsReader(SettingsReader reader)
{
    private const string Domains = "Domains";

    public IReadOnlyList<DomainOptions> Read()
    {
        var firstOfName = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        return [.. reader.Items(Domains).Select(item => Read(item, firstOfName))];
    }

    private DomainOptions Read(int item, Dictionary<string, int> firstOfName)
    {
        var name = reader.Read(Settings.DomainName, item);
        if (!reader.IsGiven(Settings.DomainName, item))
        {
            reader.AddFault(Settings.DomainName, item, $"must be given; allowed is {Settings.DomainName.Allowed}");
        }
        else if (!firstOfName.TryAdd(name, item))
        {
            reader.AddFault(Settings.DomainName, item, $"{name} stands at {Domains}:{firstOfName[name]} already");
        }

        return new DomainOptions { Name = name, Recipients = reader.Read(Settings.DomainRecipients, item) };
    }
}
