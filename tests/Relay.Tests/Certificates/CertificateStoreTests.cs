using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Relay.Certificates;
using Relay.Options;
using Relay.Support;

namespace Relay.Tests.Certificates;

/// <summary>Which certificate a client gets to see, from which kinds of files.</summary>
public sealed class CertificateStoreTests : IAsyncDisposable
{
    private readonly CertificateFolder files = new();

    public ValueTask DisposeAsync() => files.DisposeAsync();

    [Theory]
    [InlineData("mail.example.com", "mail.example.com")]
    [InlineData("MAIL.Example.COM", "mail.example.com")]
    [InlineData("mx.example.net", "*.example.net")]
    [InlineData("mail.example.net", "mail.example.net")]
    [InlineData("b\u00fccher.example", "xn--bcher-kva.example")]
    [InlineData("a.mx.example.net", "first.example")]
    [InlineData("example.net", "first.example")]
    [InlineData("unknown.example", "first.example")]
    [InlineData("", "first.example")]
    public async Task The_name_that_a_client_asks_for_chooses_the_certificate(string asked, string shown)
    {
        await using var server = new TlsServer(await files.OpenAsync(
            files.WriteNew("1.pem", "first.example", "xn--first-.example"),
            files.WriteNew("2.pem", "*.example.net"),
            files.WriteNew("3.pem", "mail.example.com", "mail.example.net"),
            files.WriteNew("4.pem", "xn--bcher-kva.example")));

        Assert.Contains(shown, await server.NamesShownAsync(asked, files.Authority));
    }

    [Fact]
    public async Task Rsa_and_ecdsa_are_served_from_pem_and_pfx_with_and_without_passwords()
    {
        using var rsa = files.Authority.Issue(files.Authority.NotAfter, RSA.Create(2048), "rsa.example");
        using var ecdsa = files.Authority.Issue("ecdsa.example");
        foreach (var certificate in (X509Certificate2[])[rsa, ecdsa])
        {
            files.Write("key.pem", CertificateFolder.Key(certificate));
            files.Write("encrypted-key.pem", CertificateFolder.EncryptedKey(certificate));
            await ServesAsync(certificate, files.Write("all.pem", CertificateFolder.Key(certificate) + files.Chain(certificate)));
            await ServesAsync(certificate, files.Write("chain.pem", files.Chain(certificate)) with { KeyFile = files.PathOf("key.pem") });
            await ServesAsync(certificate, files.Write("chain.pem", files.Chain(certificate)) with
            {
                KeyFile = files.PathOf("encrypted-key.pem"),
                Password = CertificateFolder.Password,
            });
            await ServesAsync(certificate, files.Write("plain.pfx", files.Pfx(certificate, null)));
            await ServesAsync(certificate, files.Write("closed.pfx", files.Pfx(certificate, CertificateFolder.Password)) with
            {
                Password = CertificateFolder.Password,
            });
        }
    }

    [Fact]
    public async Task The_older_forms_of_keys_are_read_too()
    {
        using var rsa = files.Authority.Issue(files.Authority.NotAfter, RSA.Create(2048), "rsa.example");
        using var ecdsa = files.Authority.Issue("ecdsa.example");

        await ServesAsync(rsa, files.Write("rsa.pem", files.Chain(rsa) + rsa.GetRSAPrivateKey()!.ExportRSAPrivateKeyPem()));
        await ServesAsync(ecdsa, files.Write("ecdsa.pem", files.Chain(ecdsa) + ecdsa.GetECDsaPrivateKey()!.ExportECPrivateKeyPem()));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Tls_1_2_and_1_3_are_served(SslProtocols protocol)
    {
        await using var server = new TlsServer(await files.OpenAsync(files.WriteNew("1.pem", "mail.example")));

        using var client = await server.ConnectAsync("mail.example", files.Authority, protocol);

        Assert.Equal(protocol, client.Stream.SslProtocol);
        Assert.Equal("hello"u8.ToArray(), await client.EchoAsync("hello"u8.ToArray()));
    }

    [Theory]
    [InlineData("", "it is neither PEM nor a PFX")]
    [InlineData("hello", "it is neither PEM nor a PFX")]
    [InlineData("KEY", "no certificate is in it. The key alone goes to KeyFile.")]
    [InlineData("CHAIN", "its private key is missing. Name the file of the key in KeyFile.")]
    [InlineData("CHAIN OTHERKEY", "it is the key of another certificate")]
    [InlineData("CHAIN ENCRYPTED", "its key is encrypted. Give its Password.")]
    [InlineData("CHAIN -----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n", "openssl pkcs8 -topk8")]
    [InlineData("CHAIN -----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "its key is broken")]
    public async Task What_cannot_be_loaded_is_told_in_one_line_with_the_file_and_what_to_do(string content, string problem)
    {
        using var certificate = files.Authority.Issue("mail.example");
        using var other = files.Authority.Issue("mail.example");
        var options = files.Write("mail.pem", content
            .Replace("CHAIN", files.Chain(certificate))
            .Replace("OTHERKEY", CertificateFolder.Key(other))
            .Replace("ENCRYPTED", content.Contains("Proc") ? "ENCRYPTED" : CertificateFolder.EncryptedKey(certificate))
            .Replace("KEY", content == "KEY" ? CertificateFolder.Key(certificate) : "KEY"));

        await FailsAsync(options, problem);
    }

    [Fact]
    public async Task A_wrong_password_and_a_file_that_is_not_there_are_told_as_well()
    {
        using var certificate = files.Authority.Issue("mail.example");
        var pfx = files.Write("mail.pfx", files.Pfx(certificate, CertificateFolder.Password));
        var pem = files.Write("mail.pem", files.Chain(certificate) + CertificateFolder.EncryptedKey(certificate));

        await FailsAsync(pfx, "If it has one, give its Password.");
        await FailsAsync(pfx with { Password = "wrong" }, "nor a PFX file that opens with the Password");
        await FailsAsync(pem with { Password = "wrong" }, "its key does not open with the Password");
        await FailsAsync(pem with { File = files.PathOf("none.pem") }, "there is no such file");
        await FailsAsync(pem with { KeyFile = files.PathOf("none.key") }, $"{files.PathOf("none.key")}: there is no such file");
        await FailsAsync(pem with { File = Path.GetDirectoryName(pem.File) }, "it is a folder");
        await FailsAsync(files.Write("large.pem", new byte[1024 * 1024 + 1]), "it is not a file of at most 1048576 octets");
    }

    private async Task ServesAsync(X509Certificate2 certificate, CertificateOptions options)
    {
        await using var store = await CertificateStore.OpenAsync([options], files.Clock, files.Log, default);
        await using var server = new TlsServer(store);

        // It trusts the root alone: without the intermediate there would be no handshake.
        using var client = await server.ConnectAsync("any", files.Authority);

        Assert.Equal(certificate.Thumbprint, client.Certificate.Thumbprint);
    }

    private async Task FailsAsync(CertificateOptions options, string problem)
    {
        var failure = await Assert.ThrowsAsync<CertificateException>(() => files.OpenAsync(options));

        Assert.StartsWith($"Cannot load the certificate {options.File}: ", failure.Message);
        Assert.Contains(problem, failure.Message);
        Assert.DoesNotContain('\n', failure.Message);
        Assert.DoesNotContain("wrong", failure.Message);
    }
}
