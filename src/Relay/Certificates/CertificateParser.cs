using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Relay.Certificates;

/// <summary>Makes a certificate with its key of PEM (RFC 7468) or PFX (RFC 7292), and says what is wrong with them otherwise.</summary>
internal static class CertificateParser
{
    /// <exception cref="CertificateException">No certificate with its key can be made of it.</exception>
    public static ServerCertificate Parse(CertificateMaterial material)
    {
        try
        {
            var text = Encoding.UTF8.GetString(material.Certificate);
            var (certificate, chain) = IsPem(text) ? FromPem(material, text) : FromPfx(material);
            return new ServerCertificate(ForTls(certificate), chain);
        }
        catch (CryptographicException e)
        {
            throw Cannot(material, $"{e.Message.TrimEnd('.')}. Make the certificate anew.", e);
        }
    }

    public static bool IsPem(string text) => text.Contains("-----BEGIN ", StringComparison.Ordinal);

    /// <summary>The first certificate is the server's own, as RFC 8446 §4.4.2 has it too.</summary>
    private static (X509Certificate2 Certificate, X509Certificate2Collection Chain) FromPem(CertificateMaterial material, string text)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(text);
        if (chain.Count == 0)
        {
            throw Cannot(material, "no certificate is in it. The key alone goes to KeyFile.");
        }

        var own = chain[0];
        chain.RemoveAt(0);
        return (WithKey(material, own.ExportCertificatePem(), material.Key is null ? text : Encoding.UTF8.GetString(material.Key)), chain);
    }

    private static X509Certificate2 WithKey(CertificateMaterial material, string certificate, string key)
    {
        var encrypted = key.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal);
        if (!key.Contains(" PRIVATE KEY-----", StringComparison.Ordinal))
        {
            throw Cannot(material, "its private key is missing. Name the file of the key in KeyFile.");
        }

        if (key.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
        {
            throw Cannot(material, "its key is encrypted in an outdated form. Rewrite it with: openssl pkcs8 -topk8.");
        }

        if (encrypted && material.Password is null)
        {
            throw Cannot(material, "its key is encrypted. Give its Password.");
        }

        try
        {
            return encrypted
                ? X509Certificate2.CreateFromEncryptedPem(certificate, key, material.Password)
                : X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // An EC key of another certificate is an ArgumentException, of all things.
            throw Cannot(material, encrypted
                ? "its key does not open with the Password, or it is the key of another certificate."
                : "its key is broken, or it is the key of another certificate.", e);
        }
    }

    private static (X509Certificate2 Certificate, X509Certificate2Collection Chain) FromPfx(CertificateMaterial material)
    {
        X509Certificate2Collection chain;
        try
        {
            chain = X509CertificateLoader.LoadPkcs12Collection(material.Certificate, material.Password);
        }
        catch (CryptographicException e)
        {
            throw Cannot(material, material.Password is null
                ? "it is neither PEM nor a PFX file without a password. If it has one, give its Password."
                : "it is neither PEM nor a PFX file that opens with the Password.", e);
        }

        var own = chain.FirstOrDefault(certificate => certificate.HasPrivateKey)
            ?? throw Cannot(material, "its private key is missing. Export the PFX file with the key.");
        chain.Remove(own);
        return (own, chain);
    }

    /// <summary>Windows cannot do TLS with a key that no store has held.</summary>
    private static X509Certificate2 ForTls(X509Certificate2 certificate) => OperatingSystem.IsWindows()
        ? X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null)
        : certificate;

    private static CertificateException Cannot(CertificateMaterial material, string problem, Exception? cause = null) =>
        new(material.Source, problem, cause);
}
