using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Relay.Accounts;

/// <summary>
/// What the authority publishes: who it is and which keys it signs with. Read when it is first needed, again when it has
/// become old, and again for a key that is not in it, since authorities roll their keys over. What was read stays in use
/// while it cannot be read anew. The library's own ConfigurationManager is not used: it reads anew in the background, so that
/// the first token of a new key would be refused, and by a clock of its own.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim holds nothing unless its wait handle is asked for")]
internal sealed class TokenKeys(Uri authority, HttpClient http, TimeProvider time, ILogger log)
{
    /// <summary>Then what was read is read again.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(12);

    /// <summary>No more than one reading in this time, whatever keys tokens name.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    /// <summary>The same while nothing at all could be read yet.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(10);

    private readonly string address = authority.AbsoluteUri.TrimEnd('/') + "/.well-known/openid-configuration";
    private readonly SemaphoreSlim gate = new(1);
    private volatile OpenIdConnectConfiguration? current;
    private DateTimeOffset readAt;
    private DateTimeOffset triedAt = DateTimeOffset.MinValue;

    /// <summary>What is known; null when nothing can be read.</summary>
    public async ValueTask<OpenIdConnectConfiguration?> CurrentAsync(CancellationToken cancel)
    {
        // Whoever has something to go on with does not wait for somebody else's reading.
        if (!await gate.WaitAsync(current is null ? Timeout.Infinite : 0, cancel))
        {
            return current;
        }

        try
        {
            var isOld = current is null || time.GetUtcNow() - readAt >= MaxAge;
            return isOld ? await ReadAsync() : current;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>What is known after <paramref name="known"/> lacked a key.</summary>
    public async ValueTask<OpenIdConnectConfiguration> NewerAsync(OpenIdConnectConfiguration known, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try
        {
            return (ReferenceEquals(current, known) ? await ReadAsync() : current) ?? known;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Whoever asked may go away; the reading is for all.</summary>
    private async Task<OpenIdConnectConfiguration?> ReadAsync()
    {
        var now = time.GetUtcNow();
        if (now - triedAt < (current is null ? FirstPause : Pause))
        {
            return current;
        }

        triedAt = now;
        try
        {
            using var timeout = new CancellationTokenSource(ReadTimeout, time);
            var read = await OpenIdConnectConfigurationRetriever.GetAsync(address, new Documents(http), timeout.Token);
            if (read.SigningKeys.Count == 0)
            {
                throw new InvalidDataException("there is no key in it");
            }

            readAt = now;
            current = read;
        }
        catch (Exception e)
        {
            SignInLog.TokenKeysFailed(log, authority, SignInLog.Shown((e.InnerException ?? e).Message));
        }

        return current;
    }

    /// <summary>Reads over https only, but for this machine itself; and not without end.</summary>
    private sealed class Documents(HttpClient http) : IDocumentRetriever
    {
        /// <summary>Octets of a document.</summary>
        private const int MaxDocument = 1024 * 1024;

        public async Task<string> GetDocumentAsync(string address, CancellationToken cancel)
        {
            var uri = new Uri(address);
            if (uri.Scheme != Uri.UriSchemeHttps && !uri.IsLoopback)
            {
                throw new InvalidDataException($"{uri.GetLeftPart(UriPartial.Authority)} is not https");
            }

            using var response = await http.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, cancel);
            response.EnsureSuccessStatusCode();
            await response.Content.LoadIntoBufferAsync(MaxDocument, cancel);
            return await response.Content.ReadAsStringAsync(cancel);
        }
    }
}
