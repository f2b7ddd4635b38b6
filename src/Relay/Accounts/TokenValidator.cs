using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Relay.Options;

namespace Relay.Accounts;

/// <summary>What an access token is worth.</summary>
/// <param name="Result"><see cref="SignInResult.SignedIn"/>, <see cref="SignInResult.TokenRefused"/> or <see cref="SignInResult.Unavailable"/>.</param>
/// <param name="Subjects">Whom it stands for, the strongest first; none unless it is good.</param>
/// <param name="Detail">What is wrong with it, for the operator; the token is not in it.</param>
internal sealed record TokenVerdict(SignInResult Result, IReadOnlyList<string> Subjects, string? Detail)
{
    /// <summary>For the operator, who looks for the subject to give to an account.</summary>
    public string SubjectText => Subjects.Count == 0 ? "nobody: it has neither oid nor azp nor appid" : string.Join(" and ", Subjects);
}

/// <summary>
/// Validates access tokens of Entra ID, or of another authority that publishes its keys in the same way: signature, issuer,
/// audience and time. The library does; here is what it is told, and what its verdicts mean to an operator.
/// </summary>
public sealed class TokenValidator
{
    /// <summary>Characters of a token.</summary>
    internal const int MaxToken = 12 * 1024;

    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(2);

    /// <summary>Asymmetric only: with the others, or none, anybody who can read the published keys could sign.</summary>
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly AuthOptions options;
    private readonly TimeProvider time;
    private readonly TokenKeys keys;
    private readonly JsonWebTokenHandler handler = new();

    /// <param name="options">With a <see cref="AuthOptions.TokenAuthority"/>.</param>
    /// <param name="http">For the authority; it should follow no redirect from https to http, as is the default.</param>
    public TokenValidator(AuthOptions options, HttpClient http, TimeProvider time, ILogger<TokenValidator> log)
    {
        ArgumentNullException.ThrowIfNull(options.TokenAuthority);
        this.options = options;
        this.time = time;
        keys = new TokenKeys(options.TokenAuthority, http, time, log);
    }

    internal async ValueTask<TokenVerdict> ValidateAsync(string token, CancellationToken cancel)
    {
        if (Read(token) is not { } jwt)
        {
            return Refused("it is no signed JSON web token");
        }

        if (!Algorithms.Contains(jwt.Alg))
        {
            return Refused($"it is signed by {jwt.Alg}");
        }

        if (await keys.CurrentAsync(cancel) is not { } metadata)
        {
            return new TokenVerdict(SignInResult.Unavailable, [], "the authority's keys cannot be read");
        }

        if (!Has(metadata, jwt.Kid))
        {
            metadata = await keys.NewerAsync(metadata, cancel);
            if (!Has(metadata, jwt.Kid))
            {
                return Refused($"it is signed with key {jwt.Kid}, which the authority does not publish");
            }
        }

        var result = await handler.ValidateTokenAsync(jwt, Parameters(metadata));
        return result.IsValid ? Judge(jwt) : Refused(Cause(result.Exception, jwt, metadata));
    }

    /// <summary>Null for what cannot be read. Strangers write it: whatever the parser throws, it is their fault.</summary>
    private static JsonWebToken? Read(string token)
    {
        if (token.Length > MaxToken)
        {
            return null;
        }

        try
        {
            var jwt = new JsonWebToken(token);
            return jwt.IsEncrypted ? null : jwt;
        }
        catch (Exception)
        {
            return null;
        }
    }

    private static bool Has(OpenIdConnectConfiguration metadata, string kid) =>
        string.IsNullOrEmpty(kid) || metadata.SigningKeys.Any(k => k.KeyId == kid);

    private TokenValidationParameters Parameters(OpenIdConnectConfiguration metadata) => new()
    {
        ValidAlgorithms = Algorithms,
        IssuerSigningKeys = metadata.SigningKeys,
        TryAllIssuerSigningKeys = true,
        ValidIssuers = [metadata.Issuer, .. options.TokenIssuers],
        ValidAudiences = options.TokenAudiences,
        // Of JSON web tokens, RFC 9068 has a type of its own for access tokens; Entra ID says JWT for all.
        ValidTypes = ["JWT", "at+jwt", "application/at+jwt"],
        // The library's own check goes by the machine's clock.
        LifetimeValidator = (from, until, _, _) => IsIn(from, until, time.GetUtcNow().UtcDateTime),
        LogValidationExceptions = false,
    };

    /// <summary>A token without an expiry is refused, one without a beginning is not.</summary>
    private static bool IsIn(DateTime? from, DateTime? until, DateTime now) =>
        until > now - MaxSkew && (from is null || from < now + MaxSkew);

    private static TokenVerdict Judge(JsonWebToken jwt)
    {
        // An ID token tells an application who its user is; it goes through browsers and is no key to anything.
        if (!HasScope(jwt) && (Has(jwt, "nonce") || Has(jwt, "at_hash") || Has(jwt, "c_hash")))
        {
            return Refused("it is an ID token, not an access token");
        }

        return new TokenVerdict(SignInResult.SignedIn, Subjects(jwt), null);
    }

    /// <summary>
    /// The object (user or service principal) first. The application counts only where it acts for itself: a token with
    /// scopes is some user's, who happened to use this application.
    /// </summary>
    private static List<string> Subjects(JsonWebToken jwt)
    {
        var isUsers = HasScope(jwt) || Text(jwt, "idtyp") == "user";
        string?[] subjects = isUsers ? [Text(jwt, "oid")] : [Text(jwt, "oid"), Text(jwt, "azp"), Text(jwt, "appid")];
        return [.. subjects.OfType<string>().Where(s => s.Length > 0).Distinct()];
    }

    private string Cause(Exception? exception, JsonWebToken jwt, OpenIdConnectConfiguration metadata) => exception switch
    {
        SecurityTokenInvalidLifetimeException { Expires: null } => "it has no expiry",
        SecurityTokenInvalidLifetimeException e when e.Expires <= time.GetUtcNow().UtcDateTime => $"it expired at {e.Expires:u}",
        SecurityTokenInvalidLifetimeException e => $"it is not valid before {e.NotBefore:u}",
        SecurityTokenInvalidAudienceException =>
            $"it was issued for {string.Join(" and ", jwt.Audiences)}, not for {string.Join(" or ", options.TokenAudiences)}",
        SecurityTokenInvalidIssuerException e => $"it was issued by {e.InvalidIssuer}, not by {metadata.Issuer}",
        SecurityTokenInvalidTypeException e => $"it is of type {e.InvalidType}",
        SecurityTokenInvalidSignatureException => "its signature is not the authority's",
        _ => exception?.GetType().Name ?? "it is not valid",
    };

    private static bool HasScope(JsonWebToken jwt) => Has(jwt, "scp") || Has(jwt, "scope");

    private static bool Has(JsonWebToken jwt, string claim) => jwt.TryGetPayloadValue<object>(claim, out _);

    private static string? Text(JsonWebToken jwt, string claim) =>
        jwt.TryGetPayloadValue<object>(claim, out var value) ? value as string : null;

    private static TokenVerdict Refused(string detail) => new(SignInResult.TokenRefused, [], detail);
}
