using Microsoft.AspNetCore.Http;
using Relay.Certificates;
using Relay.Options;
using Relay.Telemetry;

namespace Relay.Tests.Certificates;

/// <summary>Certificates of Key Vault, by the real client against a vault on loopback.</summary>
public sealed class VaultSecretTests : IAsyncDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly CertificateFolder files = new();

    public ValueTask DisposeAsync() => files.DisposeAsync();

    [Theory]
    [InlineData("application/x-pkcs12", "secrets")]
    [InlineData("application/x-pem-file", "secrets")]
    [InlineData("application/x-pkcs12", "certificates")]
    public async Task A_certificate_of_a_vault_is_served_with_its_chain(string contentType, string kind)
    {
        await using var vault = await VaultStub.StartAsync();
        using var certificate = files.Authority.Issue("mail.example");
        vault.ContentType = contentType;
        vault.Value = contentType == "application/x-pkcs12"
            ? Convert.ToBase64String(files.Pfx(certificate, null))
            : CertificateFolder.Key(certificate) + files.Chain(certificate);

        await using var store = await OpenAsync(vault, $"https://test.vault.azure.net/{kind}/mail");
        await using var server = new TlsServer(store);

        Assert.Equal(["mail.example"], await server.NamesShownAsync("mail.example", files.Authority));
        Assert.StartsWith("/secrets/mail", Assert.Single(vault.Asked));
    }

    [Fact]
    public async Task A_new_version_is_seen_within_the_hour_and_a_vault_that_refuses_changes_nothing()
    {
        await using var vault = await VaultStub.StartAsync();
        using var old = files.Authority.Issue("old.example");
        using var renewed = files.Authority.Issue("new.example");
        vault.Value = Convert.ToBase64String(files.Pfx(old, null));
        await using var store = await OpenAsync(vault);

        vault.Status = StatusCodes.Status403Forbidden;
        await LookAsync();
        await LookAsync();
        Assert.Equal("old.example", store.Expiry[0].Name);
        Assert.Contains("the vault refused with 403 Forbidden.", Assert.Single(files.Texts(EventIds.CertificateKept)));

        vault.Status = StatusCodes.Status200OK;
        vault.Value = Convert.ToBase64String(files.Pfx(renewed, null));
        await LookAsync();
        Assert.Equal("new.example", store.Expiry[0].Name);
        Assert.Equal(4, vault.Asked.Count);
    }

    [Theory]
    [InlineData(403, null, "the vault refused with 403 Forbidden. Give the relay's identity the role Key Vault Secrets User.")]
    [InlineData(404, null, "the vault has no such secret. Look at its name.")]
    [InlineData(400, null, "the vault answered 400 Forbidden.")]
    [InlineData(200, "hunter2", "the secret is not that of a certificate.")]
    [InlineData(200, "aHVudGVyMg==", "it is neither PEM nor a PFX")]
    public async Task What_cannot_be_loaded_is_told_in_one_line_without_the_secret(int status, string? value, string problem)
    {
        await using var vault = await VaultStub.StartAsync();
        vault.Status = status;
        vault.Value = value;

        var failure = await Assert.ThrowsAsync<CertificateException>(() => OpenAsync(vault));

        Assert.StartsWith("Cannot load the certificate https://test.vault.azure.net/secrets/mail: ", failure.Message);
        Assert.Contains(problem, failure.Message);
        Assert.DoesNotContain('\n', failure.Message);
        Assert.DoesNotContain(value ?? VaultStub.Token, failure.ToString());
    }

    [Theory]
    [InlineData("https://test.vault.azure.net/")]
    [InlineData("https://test.vault.azure.net/mail")]
    [InlineData("http://127.0.0.1:1/secrets/mail")]
    public async Task A_url_that_is_not_that_of_a_secret_is_told(string url)
    {
        await using var vault = await VaultStub.StartAsync();

        var failure = await Assert.ThrowsAsync<CertificateException>(() => OpenAsync(vault, url));

        Assert.Contains("it is not the URL of a secret. Give it as https://VAULT.vault.azure.net/secrets/NAME", failure.Message);
        Assert.Empty(vault.Asked);
    }

    private Task<CertificateStore> OpenAsync(VaultStub vault, string url = "https://test.vault.azure.net/secrets/mail") =>
        CertificateStore.OpenAsync([new CertificateOptions { KeyVault = new Uri(url) }], files.Clock, files.Log, vault.Access, default);

    private async Task LookAsync()
    {
        var looked = files.Clock.NextTimer(Hour);
        files.Clock.Advance(Hour);
        await looked;
    }
}
