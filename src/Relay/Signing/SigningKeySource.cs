using Relay.Certificates;
using Relay.Options;

namespace Relay.Signing;

/// <summary>Reads a key from where the configuration says. Once: a new key needs a new selector, and so a new configuration.</summary>
internal static class SigningKeySource
{
    /// <summary>Octets of a file; no key is so long: somebody named the wrong file.</summary>
    private const int MaxSize = 64 * 1024;

    /// <summary>Reads it.</summary>
    /// <exception cref="SigningKeyException">It cannot be had; the message says what to do.</exception>
    public static async Task<SigningKey> ReadAsync(DkimOptions options, Func<VaultAccess> vault, TimeProvider time, CancellationToken cancel)
    {
        if (options.KeyVault is { } url)
        {
            return SigningKey.Parse(options.Domain, options.Selector, await ReadVaultAsync(url, vault(), time, cancel), url.ToString());
        }

        var file = options.KeyFile ?? throw new ArgumentException("neither file nor vault", nameof(options));
        return SigningKey.Parse(options.Domain, options.Selector, await ReadFileAsync(file, cancel), file);
    }

    private static async Task<string> ReadVaultAsync(Uri url, VaultAccess access, TimeProvider time, CancellationToken cancel)
    {
        try
        {
            return await new VaultSecret(url, access, time).ReadTextAsync(cancel);
        }
        catch (CertificateException e)
        {
            throw new SigningKeyException(url.ToString(), e.Problem, e.InnerException);
        }
    }

    private static async Task<string> ReadFileAsync(string file, CancellationToken cancel)
    {
        try
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (!stream.CanSeek || stream.Length > MaxSize)
            {
                throw new SigningKeyException(file, $"it is not a file of at most {MaxSize} octets. Name the file of the private key.");
            }

            using var reader = new StreamReader(stream);
            return await reader.ReadToEndAsync(cancel);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SigningKeyException(file, "there is no such file. Make a key with 'relay domain dkim DOMAIN --out FILE', or look at Dkim in the configuration.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new SigningKeyException(file, Directory.Exists(file)
                ? "it is a folder. Name the file in it."
                : "not permitted. Let the user that runs the relay read it.", e);
        }
        catch (Exception e) when (e is IOException and not SigningKeyException)
        {
            throw new SigningKeyException(file, e.Message, e);
        }
    }
}
