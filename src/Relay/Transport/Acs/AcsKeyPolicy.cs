using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Relay.Transport.Acs;

/// <summary>Signs each request with the access key of the resource (HMAC-SHA256 over verb, path, date, host and content).</summary>
/// <param name="key">The key, decoded.</param>
/// <param name="time">The service refuses dates that are far from its own.</param>
internal sealed class AcsKeyPolicy(byte[] key, TimeProvider time) : HttpPipelineSynchronousPolicy
{
    /// <inheritdoc/>
    public override void OnSendingRequest(HttpMessage message)
    {
        var request = message.Request;
        var uri = request.Uri.ToUri();
        var date = time.GetUtcNow().ToString("r", CultureInfo.InvariantCulture);
        var hash = HashOf(request.Content);
        var text = $"{request.Method.Method}\n{uri.PathAndQuery}\n{date};{uri.Authority};{hash}";
        var signature = Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        request.Headers.SetValue("x-ms-date", date);
        request.Headers.SetValue("x-ms-content-sha256", hash);
        request.Headers.SetValue("Authorization",
            $"HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={signature}");
    }

    private static string HashOf(RequestContent? content)
    {
        using var sha = SHA256.Create();
        using (var into = new CryptoStream(Stream.Null, sha, CryptoStreamMode.Write, leaveOpen: true))
        {
            content?.WriteTo(into, CancellationToken.None);
        }

        return Convert.ToBase64String(sha.Hash!);
    }
}
