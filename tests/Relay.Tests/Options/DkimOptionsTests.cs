namespace Relay.Tests.Options;

public sealed class DkimOptionsTests : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Keys_are_files_beside_the_configuration_or_secrets_of_a_vault()
    {
        folder.WriteConfiguration("""
        { "Dkim": [
          { "Domain": "example.org", "Selector": "s1", "KeyFile": "keys/a.pem" },
          { "Domain": "example.org", "Selector": "s2.b", "KeyVault": "https://x.vault.azure.net/secrets/dkim" } ] }
        """);

        var keys = folder.LoadValid().Dkim;

        Assert.Equal(Path.Combine(folder.Path, "keys", "a.pem"), keys[0].KeyFile);
        Assert.Equal(("example.org", "s2.b", null, "https://x.vault.azure.net/secrets/dkim"), (keys[1].Domain, keys[1].Selector, keys[1].KeyFile, keys[1].KeyVault!.ToString()));
    }

    [Fact]
    public void Every_fault_of_every_key_is_told()
    {
        folder.WriteConfiguration("""
        { "Dkim": [
          { "Selector": "s1", "KeyFile": "a.pem" },
          { "Domain": "example.org", "KeyFile": "a.pem", "KeyVault": "https://x.vault.azure.net/secrets/dkim" },
          { "Domain": "not a name", "Selector": "s/1" },
          { "Domain": "example.net", "Selector": "s", "KeyFile": "a.pem" },
          { "Domain": "EXAMPLE.net", "Selector": "S", "KeyFile": "a.pem" } ] }
        """);

        Assert.Equal(
        [
            "Dkim:0:Domain: must be given; allowed is a host name in ASCII, such as mail.example.com",
            "Dkim:1:Selector: must be given; allowed is letters, digits and hyphens, with dots between if need be, such as relay1",
            "Dkim:1:KeyFile: a key has either a file or a Dkim:1:KeyVault",
            "Dkim:2:Domain: allowed is a host name in ASCII, such as mail.example.com",
            "Dkim:2:Selector: allowed is letters, digits and hyphens, with dots between if need be, such as relay1",
            "Dkim:2:KeyFile: a key has either a file or a Dkim:2:KeyVault",
            "Dkim:4:Selector: S of EXAMPLE.net stands at Dkim:3 already; each key has a selector of its own",
        ],
        folder.Load().Faults.Select(fault => $"{fault.Key}: {fault.Problem}"));
    }
}
