namespace Relay.Options;

/// <summary>Reads in whose name is sealed: domain, selector and one key, or nothing of it.</summary>
internal sealed class ArcReader(SettingsReader reader)
{
    public ArcOptions Read()
    {
        var seals = reader.IsGiven(Settings.ArcDomain);
        foreach (var setting in new Setting[] { Settings.ArcSelector, Settings.ArcKeyFile, Settings.ArcKeyVault })
        {
            if (!seals && reader.IsGiven(setting))
            {
                reader.AddFault(setting, null, $"goes with {Settings.ArcDomain.Key}, which is not given");
            }
        }

        if (seals && !reader.IsGiven(Settings.ArcSelector))
        {
            reader.AddFault(Settings.ArcSelector, null, $"must be given with {Settings.ArcDomain.Key}");
        }

        if (seals && reader.IsGiven(Settings.ArcKeyFile) == reader.IsGiven(Settings.ArcKeyVault))
        {
            reader.AddFault(Settings.ArcKeyFile, null, $"{Settings.ArcDomain.Key} has either a key file or a {Settings.ArcKeyVault.Key}");
        }

        return new ArcOptions
        {
            Domain = seals ? reader.Read(Settings.ArcDomain) : null,
            Selector = reader.IsGiven(Settings.ArcSelector) ? reader.Read(Settings.ArcSelector) : null,
            KeyFile = reader.FilePath(Settings.ArcKeyFile),
            KeyVault = reader.Read(Settings.ArcKeyVault),
            TrustedSealers = reader.Read(Settings.ArcTrustedSealers),
        };
    }
}
