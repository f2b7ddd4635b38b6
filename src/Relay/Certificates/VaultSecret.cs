using System.Text;
using Azure;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;

namespace Relay.Certificates;

/// <summary>
/// A certificate of Azure Key Vault, by way of the secret of the same name: it alone holds the key too. The vault renews it,
/// so a secret without a version is always the newest. The URL of the certificate itself leads to its secret too.
/// </summary>
internal sealed class VaultSecret : ICertificateSource
{
    /// <summary>For signing in and reading, with all retries.</summary>
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(30);

    private readonly KeyVaultSecretIdentifier secret;
    private readonly SecretClient client;
    private readonly TimeProvider time;
    private readonly string source;

    /// <exception cref="CertificateException">The URL is not that of a secret.</exception>
    public VaultSecret(Uri url, VaultAccess access, TimeProvider time)
    {
        this.time = time;
        source = url.ToString();
        if (url.Scheme != Uri.UriSchemeHttps || !KeyVaultSecretIdentifier.TryCreate(url, out secret))
        {
            throw new CertificateException(
                source, "it is not the URL of a secret. Give it as https://VAULT.vault.azure.net/secrets/NAME.");
        }

        var options = new SecretClientOptions();
        if (access.Transport is not null)
        {
            options.Transport = access.Transport;
        }

        client = new SecretClient(secret.VaultUri, access.Credential, options);
    }

    public TimeSpan Period => TimeSpan.FromHours(1);

    public async Task<CertificateMaterial> ReadAsync(CancellationToken cancel) =>
        new() { Source = source, Certificate = Decode(await ReadTextAsync(cancel)) };

    /// <summary>The secret as it is.</summary>
    /// <exception cref="CertificateException">It cannot be read; the message says what to do.</exception>
    public async Task<string> ReadTextAsync(CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(ReadTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            KeyVaultSecret answer = await client.GetSecretAsync(secret.Name, secret.Version, both.Token);
            return answer.Value ?? "";
        }
        catch (RequestFailedException e)
        {
            throw new CertificateException(source, Explain(e), e);
        }
        catch (AuthenticationFailedException e)
        {
            throw new CertificateException(source, $"signing in failed: {FirstLine(e.Message)} Give this machine a managed identity, or sign in.", e);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new CertificateException(source, $"no answer within {ReadTimeout.TotalSeconds} s. Is the vault reachable from here?", e);
        }
    }

    /// <summary>The secret of a certificate is PEM, or PFX in base64; its content type says which, but so does a look.</summary>
    private byte[] Decode(string value)
    {
        if (CertificateParser.IsPem(value))
        {
            return Encoding.UTF8.GetBytes(value);
        }

        try
        {
            return Convert.FromBase64String(value);
        }
        catch (FormatException)
        {
            // Not the cause: nothing of a secret goes into a message.
            throw new CertificateException(source, "the secret is not that of a certificate. Name the secret that has the name of the certificate.");
        }
    }

    private static string Explain(RequestFailedException e) => e.Status switch
    {
        0 => $"the vault cannot be reached: {FirstLine(e.Message)}",
        401 or 403 => $"the vault refused with {e.Status} {e.ErrorCode}. Give the relay's identity the role Key Vault Secrets User.",
        404 => "the vault has no such secret. Look at its name.",
        _ => $"the vault answered {e.Status} {e.ErrorCode}.",
    };

    private static string FirstLine(string text) => text.AsSpan().Trim().ToString().Split('\n')[0].TrimEnd();
}
