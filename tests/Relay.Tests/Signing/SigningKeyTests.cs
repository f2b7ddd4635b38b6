using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Relay.Options;
using Relay.Signing;
using Relay.Tests.Certificates;
using Relay.Tests.Checks.Dkim;

namespace Relay.Tests.Signing;

public sealed class SigningKeyTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("relay-keys-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_key_is_read_in_each_of_its_forms()
    {
        using var rsa = RSA.Create(1024);
        var record = $"v=DKIM1; k=rsa; p={Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo())}";

        Assert.Equal(record, Letter.Key(rsa.ExportPkcs8PrivateKeyPem()).RecordText);
        Assert.Equal(record, Letter.Key("a note\n" + rsa.ExportRSAPrivateKeyPem() + "\nand more").RecordText);
        Assert.Equal("sel._domainkey.example.org", Letter.Key(rsa.ExportPkcs8PrivateKeyPem()).RecordName);
        Assert.Equal((1024, "rsa-sha256"), (Letter.Key(rsa.ExportPkcs8PrivateKeyPem()).Bits, Letter.Key(rsa.ExportPkcs8PrivateKeyPem()).AlgorithmName));
    }

    [Theory] // RFC 8410 §10.3: without and with the public key.
    [InlineData("MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC")]
    [InlineData("MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhCoB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=")]
    public void The_published_ed25519_key_is_read(string base64)
    {
        var key = Letter.Key($"-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n");

        Assert.Equal("v=DKIM1; k=ed25519; p=Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=", key.RecordText);
        Assert.Equal("ed25519-sha256", key.AlgorithmName);
    }

    public static TheoryData<string, string> Unfit()
    {
        using var weak = RSA.Create(1016);
        using var ec = ECDsa.Create();
        using var rsa = RSA.Create(1024);
        var encrypted = rsa.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1000));
        var pkcs8 = rsa.ExportPkcs8PrivateKeyPem();
        return new TheoryData<string, string>
        {
            { weak.ExportPkcs8PrivateKeyPem(), "it is an RSA key of 1016 bits; verifiers take 1024 to 4096. Make a new one: relay domain dkim DOMAIN." },
            { "", "there is no private key in PEM in it." },
            { "hunter2", "there is no private key in PEM in it." },
            { pkcs8[..^40], "there is no private key in PEM in it." },
            { rsa.ExportSubjectPublicKeyInfoPem(), "it is the public key, which belongs into DNS." },
            { ec.ExportPkcs8PrivateKeyPem(), "it is neither an RSA nor an Ed25519 key." },
            { ec.ExportECPrivateKeyPem(), "it is an EC key, and DKIM has none." },
            { encrypted, "it is encrypted. Write it without a password" },
            { "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "the key is broken." },
            { "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----", "the key is broken." },
            { "-----BEGIN PRIVATE KEY-----\nMCwCAQAwBQYDK2VwBCAEHtTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9E\n-----END PRIVATE KEY-----", "the key is broken." },
            { pkcs8.Replace("MIIC", "MIIB"), "the key is broken." },
        };
    }

    [Theory]
    [MemberData(nameof(Unfit))]
    public void A_key_that_cannot_be_used_is_told_in_one_line_that_says_what_to_do_and_holds_no_part_of_it(string pem, string problem)
    {
        var failure = Assert.Throws<SigningKeyException>(() => SigningKey.Parse("example.org", "sel", pem, "/etc/relay/key.pem"));

        Assert.StartsWith($"Cannot load the DKIM key /etc/relay/key.pem: {problem}", failure.Message);
        Assert.DoesNotContain('\n', failure.Message);
        Assert.All(pem.Split('\n').Where(line => line.Length > 3 && !line.StartsWith('-')), line => Assert.DoesNotContain(line, failure.ToString()));
    }

    [Fact]
    public async Task All_keys_of_the_configuration_are_read_from_their_files()
    {
        var signer = await OpenAsync(
            new DkimOptions { Domain = "example.org", Selector = "a", KeyFile = Write("a.pem", PrivateKeyPem.NewRsa(1024)) },
            new DkimOptions { Domain = "example.org", Selector = "b", KeyFile = Write("b.pem", NewEd25519()) },
            new DkimOptions { Domain = "example.net", Selector = "a", KeyFile = Path.Combine(folder, "a.pem") });

        Assert.Equal(
            ["a._domainkey.example.org rsa-sha256", "b._domainkey.example.org ed25519-sha256", "a._domainkey.example.net rsa-sha256"],
            signer.Keys.Select(key => $"{key.RecordName} {key.AlgorithmName}"));
    }

    [Fact]
    public async Task Two_keys_of_the_same_sort_for_a_domain_are_told()
    {
        var failure = await Assert.ThrowsAsync<SigningKeyException>(() => OpenAsync(
            new DkimOptions { Domain = "example.org", Selector = "a", KeyFile = Write("a.pem", NewEd25519()) },
            new DkimOptions { Domain = "Example.org", Selector = "b", KeyFile = Write("b.pem", NewEd25519()) }));

        Assert.EndsWith("b.pem: Example.org has another ed25519 key already. Leave one of them out of Dkim in the configuration.", failure.Message);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_told()
    {
        Assert.Contains("there is no such file. Make a key with 'relay domain dkim DOMAIN --out FILE'", await FailureAsync("none.pem"));
        Assert.Contains("it is a folder. Name the file in it.", await FailureAsync(""));
        Write("large.pem", new string('x', 70_000));
        Assert.Contains("it is not a file of at most 65536 octets.", await FailureAsync("large.pem"));
    }

    [Fact]
    public async Task A_key_of_a_vault_is_read_once_and_what_is_wrong_is_told_without_it()
    {
        await using var vault = await VaultStub.StartAsync();
        vault.Value = NewEd25519();
        var options = new DkimOptions { Domain = "example.org", Selector = "v", KeyVault = new Uri("https://test.vault.azure.net/secrets/dkim") };

        var signer = await Relay.Signing.DkimSigner.OpenAsync([options], TimeProvider.System, vault.Access, CancellationToken.None);
        Assert.Equal(Letter.Key(vault.Value, "v").RecordText, Assert.Single(signer.Keys).RecordText);
        Assert.Equal("/secrets/dkim/", Assert.Single(vault.Asked) + (vault.Asked[0].EndsWith('/') ? "" : "/"));

        vault.Value = "hunter2";
        var failure = await Assert.ThrowsAsync<SigningKeyException>(
            () => Relay.Signing.DkimSigner.OpenAsync([options], TimeProvider.System, vault.Access, CancellationToken.None));
        Assert.StartsWith("Cannot load the DKIM key https://test.vault.azure.net/secrets/dkim: there is no private key in PEM in it.", failure.Message);
        Assert.DoesNotContain("hunter2", failure.ToString());

        vault.Status = StatusCodes.Status403Forbidden;
        failure = await Assert.ThrowsAsync<SigningKeyException>(
            () => Relay.Signing.DkimSigner.OpenAsync([options], TimeProvider.System, vault.Access, CancellationToken.None));
        Assert.Contains("the vault refused with 403 Forbidden. Give the relay's identity the role Key Vault Secrets User.", failure.Message);
    }

    private static string NewEd25519()
    {
        using var secrets = RandomNumberGenerator.Create();
        return PrivateKeyPem.NewEd25519(secrets);
    }

    private static Task<Relay.Signing.DkimSigner> OpenAsync(params DkimOptions[] options) =>
        Relay.Signing.DkimSigner.OpenAsync(options, TimeProvider.System, CancellationToken.None);

    private async Task<string> FailureAsync(string file) => (await Assert.ThrowsAsync<SigningKeyException>(
        () => OpenAsync(new DkimOptions { Domain = "example.org", Selector = "a", KeyFile = Path.Combine(folder, file) }))).Message;

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
