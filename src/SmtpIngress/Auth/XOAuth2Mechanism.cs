using Relay.Accounts;

namespace Relay.SmtpIngress.Auth;

/// <summary>XOAUTH2: no RFC, what the clients of large providers use. <c>user=NAME^Aauth=Bearer TOKEN^A^A</c>.</summary>
internal sealed class XOAuth2Mechanism(Authenticator authenticator, SignInAttempt attempt) : TokenMechanism(authenticator, attempt)
{
    /// <inheritdoc/>
    protected override ReadOnlyMemory<byte> Error { get; } = """{"status":"401","schemes":"bearer"}"""u8.ToArray();

    /// <inheritdoc/>
    protected override TokenCredentials? Read(string text, out string fault)
    {
        fault = "it is not a user and a bearer token";
        if (text.Split('\u0001') is not [['u', 's', 'e', 'r', '=', .. var user], ['a', 'u', 't', 'h', '=', .. var auth], "", ""])
        {
            return null;
        }

        return new TokenCredentials(user.Length == 0 ? null : user, Bearer(auth));
    }
}
