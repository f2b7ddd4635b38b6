namespace Relay.Options;

/// <summary>Reads the list of keys that mail is signed with: each is a file or a secret of a vault.</summary>
internal sealed class DkimReader(SettingsReader reader)
{
    private const string Dkim = "Dkim";

    public IReadOnlyList<DkimOptions> Read()
    {
        var firstOfName = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        return [.. reader.Items(Dkim).Select(item => Read(item, firstOfName))];
    }

    private DkimOptions Read(int item, Dictionary<string, int> firstOfName)
    {
        var domain = ReadName(Settings.DkimDomain, item);
        var selector = ReadName(Settings.DkimSelector, item);
        if (domain.Length > 0 && selector.Length > 0 && !firstOfName.TryAdd($"{selector} {domain}", item))
        {
            reader.AddFault(Settings.DkimSelector, item,
                $"{selector} of {domain} stands at {Dkim}:{firstOfName[$"{selector} {domain}"]} already; each key has a selector of its own");
        }

        if (reader.IsGiven(Settings.DkimKeyFile, item) == reader.IsGiven(Settings.DkimKeyVault, item))
        {
            reader.AddFault(Settings.DkimKeyFile, item, $"a key has either a file or a {Settings.DkimKeyVault.KeyOf(item)}");
        }

        return new DkimOptions
        {
            Domain = domain,
            Selector = selector,
            KeyFile = reader.FilePath(Settings.DkimKeyFile, item),
            KeyVault = reader.Read(Settings.DkimKeyVault, item),
        };
    }

    private string ReadName(Setting<string> setting, int item)
    {
        if (!reader.IsGiven(setting, item))
        {
            reader.AddFault(setting, item, $"must be given; allowed is {setting.Allowed}");
        }

        return reader.Read(setting, item);
    }
}
