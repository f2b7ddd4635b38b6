using Relay.Accounts;

namespace Relay.SmtpIngress.Auth;

/// <summary>LOGIN: no RFC, much used. Asks for the name and then for the password; the name may come with AUTH.</summary>
internal sealed class LoginMechanism(Authenticator authenticator, SignInAttempt attempt) : ISaslMechanism
{
    private string? name;

    /// <inheritdoc/>
    public async ValueTask<SaslStep> StepAsync(byte[]? response, CancellationToken cancel)
    {
        if (response is null)
        {
            return SaslStep.Ask("Username:"u8.ToArray());
        }

        if (SaslText.Read(response) is not { Length: > 0 } text)
        {
            return SaslStep.Done(Abandon(name is null ? "the name is empty or not UTF-8" : "the password is empty or not UTF-8"));
        }

        if (name is null)
        {
            name = text;
            return SaslStep.Ask("Password:"u8.ToArray());
        }

        return SaslStep.Done(await authenticator.WithPasswordAsync(attempt, name, text, cancel));
    }

    /// <inheritdoc/>
    public SignInOutcome Abandon(string detail) => authenticator.Refuse(attempt, name, SignInResult.Malformed, detail);
}
