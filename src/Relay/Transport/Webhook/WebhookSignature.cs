using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Relay.Transport.Webhook;

/// <summary>
/// The signature of a request, by the rules of Standard Webhooks (standardwebhooks.com), for which every language has a verifier:
/// HMAC-SHA256 over id, time and body, so that nobody else can write a request, and nobody can send an old one again.
/// </summary>
internal sealed class WebhookSignature(string secret)
{
    private const string Base64Prefix = "whsec_";

    private readonly byte[] key = secret.StartsWith(Base64Prefix, StringComparison.Ordinal)
        ? Convert.FromBase64String(secret[Base64Prefix.Length..])
        : Encoding.UTF8.GetBytes(secret);

    /// <summary>True when it can be used as a secret.</summary>
    public static bool IsSecret(string secret) =>
        !secret.StartsWith(Base64Prefix, StringComparison.Ordinal) ||
        Convert.TryFromBase64String(secret[Base64Prefix.Length..], new byte[secret.Length], out var octets) && octets > 0;

    /// <summary>What stands in <c>webhook-signature</c>. Reads the body from its start to its end.</summary>
    /// <param name="id">What stands in <c>webhook-id</c>.</param>
    /// <param name="at">What stands in <c>webhook-timestamp</c>, in whole seconds.</param>
    /// <param name="body">Seekable.</param>
    public async Task<string> OfAsync(string id, DateTimeOffset at, Stream body, CancellationToken cancel)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{at.ToUnixTimeSeconds()}.")));
        body.Position = 0;
        var block = new byte[64 * 1024];
        int octets;
        while ((octets = await body.ReadAsync(block, cancel)) > 0)
        {
            hmac.AppendData(block, 0, octets);
        }

        return $"v1,{Convert.ToBase64String(hmac.GetHashAndReset())}";
    }
}
