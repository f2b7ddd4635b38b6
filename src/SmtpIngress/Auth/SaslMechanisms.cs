using System.Security.Cryptography;
using Relay.Accounts;

namespace Relay.SmtpIngress.Auth;

/// <summary>The mechanisms that a server offers.</summary>
internal sealed class SaslMechanisms
{
    private static readonly string[] ByPassword = ["PLAIN", "LOGIN", "SCRAM-SHA-256"];
    private static readonly string[] ByToken = ["OAUTHBEARER", "XOAUTH2"];

    private readonly Authenticator authenticator;
    private readonly Func<string> nonce;

    public SaslMechanisms(Authenticator authenticator)
        : this(authenticator, () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(18)))
    {
    }

    /// <param name="nonce">Makes the server's half of a nonce: printable ASCII without comma.</param>
    public SaslMechanisms(Authenticator authenticator, Func<string> nonce)
    {
        this.authenticator = authenticator;
        this.nonce = nonce;
        Offered = authenticator.TakesTokens ? [.. ByPassword, .. ByToken] : ByPassword;
    }

    /// <summary>Their names in the order of the EHLO line.</summary>
    public IReadOnlyList<string> Offered { get; }

    /// <summary>A new exchange of the attempt's mechanism, whose name is read without case; null when it is not offered.</summary>
    public ISaslMechanism? Create(SignInAttempt attempt) =>
        Offered.FirstOrDefault(o => o.Equals(attempt.Mechanism, StringComparison.OrdinalIgnoreCase)) switch
        {
            "PLAIN" => new PlainMechanism(authenticator, attempt),
            "LOGIN" => new LoginMechanism(authenticator, attempt),
            "SCRAM-SHA-256" => new ScramMechanism(authenticator, attempt, nonce()),
            "OAUTHBEARER" => new OAuthBearerMechanism(authenticator, attempt),
            "XOAUTH2" => new XOAuth2Mechanism(authenticator, attempt),
            _ => null,
        };
}
