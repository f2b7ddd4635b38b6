using Relay.Accounts;

namespace Relay.SmtpIngress.Auth;

/// <summary>OAUTHBEARER (RFC 7628 §3.1): <c>n,a=name,^Akey=value^A…auth=Bearer TOKEN^A^A</c>.</summary>
internal sealed class OAuthBearerMechanism(Authenticator authenticator, SignInAttempt attempt) : TokenMechanism(authenticator, attempt)
{
    private const char Separator = '\u0001';

    /// <inheritdoc/>
    protected override ReadOnlyMemory<byte> Error { get; } = """{"status":"invalid_token"}"""u8.ToArray();

    /// <inheritdoc/>
    protected override TokenCredentials? Read(string text, out string fault)
    {
        if (Gs2Header.Read(text, out fault) is not { } header)
        {
            return null;
        }

        fault = "its pairs are broken";
        var rest = text[header.Length..];
        if (rest.Length < 3 || rest[0] != Separator || rest[^1] != Separator || rest[^2] != Separator)
        {
            return new TokenCredentials(header.Authzid, null);
        }

        string? token = null;
        foreach (var pair in rest[1..^2].Split(Separator))
        {
            var equals = pair.IndexOf('=');
            var isAuth = equals > 0 && pair.AsSpan(0, equals).Equals("auth", StringComparison.OrdinalIgnoreCase);
            if (equals <= 0 || (isAuth && token is not null))
            {
                return new TokenCredentials(header.Authzid, null);
            }

            if (isAuth)
            {
                token = Bearer(pair[(equals + 1)..]) ?? "";
            }
        }

        fault = "there is no bearer token in it";
        return new TokenCredentials(header.Authzid, token is { Length: > 0 } ? token : null);
    }
}
