namespace Relay.Options;

/// <summary>Reads the list of certificates: each is a file or a secret of a vault.</summary>
internal sealed class CertificatesReader(SettingsReader reader)
{
    private const string Certificates = "Certificates";

    public IReadOnlyList<CertificateOptions> Read() => [.. reader.Items(Certificates).Select(Read)];

    private CertificateOptions Read(int item)
    {
        var inVault = reader.IsGiven(Settings.CertificateKeyVault, item);
        if (inVault == reader.IsGiven(Settings.CertificateFile, item))
        {
            reader.AddFault(Settings.CertificateFile, item, $"a certificate has either a file or a {Settings.CertificateKeyVault.KeyOf(item)}");
        }

        if (inVault && (reader.IsGiven(Settings.CertificateKeyFile, item) || reader.IsGiven(Settings.CertificatePassword, item)))
        {
            reader.AddFault(Settings.CertificateKeyFile, item, "a certificate of Key Vault has its key with it: leave key file and password out");
        }

        return new CertificateOptions
        {
            File = reader.FilePath(Settings.CertificateFile, item),
            KeyFile = reader.FilePath(Settings.CertificateKeyFile, item),
            Password = reader.Read(Settings.CertificatePassword, item),
            KeyVault = reader.Read(Settings.CertificateKeyVault, item),
        };
    }
}
