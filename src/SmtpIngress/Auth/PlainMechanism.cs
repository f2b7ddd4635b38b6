using Relay.Accounts;

namespace Relay.SmtpIngress.Auth;

/// <summary>PLAIN (RFC 4616): <c>[authzid] NUL authcid NUL passwd</c>.</summary>
internal sealed class PlainMechanism(Authenticator authenticator, SignInAttempt attempt) : ISaslMechanism
{
    /// <inheritdoc/>
    public async ValueTask<SaslStep> StepAsync(byte[]? response, CancellationToken cancel)
    {
        if (response is null)
        {
            return SaslStep.Begin;
        }

        if (Read(response) is not var (authzid, name, password))
        {
            return SaslStep.Done(Abandon("it is not two NULs with a name and a password"));
        }

        if (authzid.Length > 0 && !string.Equals(authzid, name, StringComparison.OrdinalIgnoreCase))
        {
            return SaslStep.Done(authenticator.Refuse(attempt, name, SignInResult.Malformed, "asks to act as another account"));
        }

        return SaslStep.Done(await authenticator.WithPasswordAsync(attempt, name, password, cancel));
    }

    /// <inheritdoc/>
    public SignInOutcome Abandon(string detail) => authenticator.Refuse(attempt, null, SignInResult.Malformed, detail);

    private static (string Authzid, string Name, string Password)? Read(ReadOnlySpan<byte> octets)
    {
        var first = octets.IndexOf((byte)0);
        var second = first < 0 ? -1 : octets[(first + 1)..].IndexOf((byte)0);
        if (second <= 0)
        {
            return null;
        }

        var name = octets.Slice(first + 1, second);
        var password = octets[(first + 1 + second + 1)..];
        return (SaslText.Read(octets[..first]), SaslText.Read(name), SaslText.Read(password)) is
            ({ } readAuthzid, { } readName, { Length: > 0 } readPassword)
            ? (readAuthzid, readName, readPassword)
            : null;
    }
}
