using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Relay.Certificates;
using Relay.Options;
using Relay.Support;

namespace Relay.Tests.Certificates;

/// <summary>A folder with real files of certificates, a store that watches them, a clock that the test moves, and the log.</summary>
internal sealed class CertificateFolder : IAsyncDisposable
{
    public const string Password = "correct horse";

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly string folder = Directory.CreateTempSubdirectory("relay-certificates-").FullName;
    private CertificateStore? store;

    public TestAuthority Authority { get; } = new();

    public TimerWatch Clock { get; } = new();

    public RecordingLog<CertificateStore> Log { get; } = new();

    public CertificateStore Store => store ?? throw new InvalidOperationException("not opened");

    public string PathOf(string file) => Path.Combine(folder, file);

    /// <summary>The certificate and its chain, without a key.</summary>
    public string Chain(X509Certificate2 certificate) =>
        certificate.ExportCertificatePem() + "\n" + Authority.Intermediate.ExportCertificatePem() + "\n";

    public static string Key(X509Certificate2 certificate) => KeyOf(certificate).ExportPkcs8PrivateKeyPem() + "\n";

    public static string EncryptedKey(X509Certificate2 certificate) => KeyOf(certificate).ExportEncryptedPkcs8PrivateKeyPem(
        Password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));

    public byte[] Pfx(X509Certificate2 certificate, string? password) =>
        new X509Certificate2Collection { X509CertificateLoader.LoadCertificate(Authority.Intermediate.RawData), certificate }
            .Export(X509ContentType.Pkcs12, password)!;

    public CertificateOptions Write(string file, byte[] octets)
    {
        File.WriteAllBytes(PathOf(file), octets);
        return new CertificateOptions { File = PathOf(file) };
    }

    public CertificateOptions Write(string file, string text)
    {
        File.WriteAllText(PathOf(file), text);
        return new CertificateOptions { File = PathOf(file) };
    }

    /// <summary>A new certificate for these names, with chain and key in one PEM file.</summary>
    public CertificateOptions WriteNew(string file, params string[] names)
    {
        using var certificate = Authority.Issue(names);
        return Write(file, Chain(certificate) + Key(certificate));
    }

    /// <summary>The same with a chosen end.</summary>
    public CertificateOptions WriteNew(string file, DateTimeOffset notAfter, params string[] names)
    {
        using var certificate = Authority.Issue(notAfter, names);
        return Write(file, Chain(certificate) + Key(certificate));
    }

    public async Task<CertificateStore> OpenAsync(params CertificateOptions[] certificates) =>
        store = await CertificateStore.OpenAsync(certificates, Clock, Log, default);

    /// <summary>Lets the time to the next look pass, and the look itself at each certificate.</summary>
    public async Task LookAsync()
    {
        var looked = Clock.NextTimer(Period, Store.Expiry.Count);
        Clock.Advance(Period);
        await looked;
    }

    /// <summary>The next look is so much later.</summary>
    public Task LookAsync(TimeSpan later)
    {
        Clock.Jump(later - Period);
        return LookAsync();
    }

    /// <summary>The lines of one event.</summary>
    public IEnumerable<string> Texts(int id) => Log.Lines.Where(line => line.Event == id).Select(line => line.Text);

    public async ValueTask DisposeAsync()
    {
        if (store is not null)
        {
            await store.DisposeAsync();
        }

        Authority.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static AsymmetricAlgorithm KeyOf(X509Certificate2 certificate) =>
        certificate.GetRSAPrivateKey() as AsymmetricAlgorithm ?? certificate.GetECDsaPrivateKey()!;
}
