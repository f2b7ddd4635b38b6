using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Relay.Support;

/// <summary>A root, an intermediate under it that issues certificates for servers, and nothing that trusts them.</summary>
public sealed class TestAuthority : IDisposable
{
    private int serial;

    public TestAuthority(DateTimeOffset? notAfter = null)
    {
        NotAfter = notAfter ?? TimeProvider.System.GetUtcNow().AddDays(300);
        Root = Issue("CN=Test root", issuer: null, NewKey(), NotAfter, []);
        Intermediate = Issue("CN=Test intermediate", Root, NewKey(), NotAfter, []);
    }

    public DateTimeOffset NotAfter { get; }

    public X509Certificate2 Root { get; }

    public X509Certificate2 Intermediate { get; }

    /// <summary>A certificate for a server, with its key.</summary>
    public X509Certificate2 Issue(params string[] names) => Issue(NotAfter, NewKey(), names);

    /// <summary>The same with a chosen end.</summary>
    public X509Certificate2 Issue(DateTimeOffset notAfter, params string[] names) => Issue(notAfter, NewKey(), names);

    /// <summary>The same with a chosen end and key, which this disposes of.</summary>
    public X509Certificate2 Issue(DateTimeOffset notAfter, AsymmetricAlgorithm key, params string[] names) =>
        Issue("CN=Test server", Intermediate, key, notAfter, names);

    public void Dispose()
    {
        Root.Dispose();
        Intermediate.Dispose();
    }

    private static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private X509Certificate2 Issue(
        string subject, X509Certificate2? issuer, AsymmetricAlgorithm key, DateTimeOffset notAfter, string[] names)
    {
        using var _ = key;
        var request = key is RSA rsa
            ? new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(subject, (ECDsa)key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(names.Length == 0, false, 0, true));
        if (names.Length > 0)
        {
            var alternatives = new SubjectAlternativeNameBuilder();
            Array.ForEach(names, alternatives.AddDnsName);
            request.CertificateExtensions.Add(alternatives.Build());
        }

        // Long before any clock of a test.
        var notBefore = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
        if (issuer is null)
        {
            return WithKey(request.CreateSelfSigned(notBefore, notAfter));
        }

        using var issuerKey = issuer.GetECDsaPrivateKey()!;
        using var certificate = request.Create(
            issuer.SubjectName,
            X509SignatureGenerator.CreateForECDsa(issuerKey),
            notBefore,
            notAfter,
            BitConverter.GetBytes(Interlocked.Increment(ref serial)));
        return WithKey(key is RSA own ? certificate.CopyWithPrivateKey(own) : certificate.CopyWithPrivateKey((ECDsa)key));
    }

    /// <summary>Apart from the key object that made it.</summary>
    private static X509Certificate2 WithKey(X509Certificate2 certificate)
    {
        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(
                certificate.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
        }
    }
}
