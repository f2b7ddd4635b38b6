using Relay.Accounts;

namespace Relay.SmtpIngress.Auth;

/// <summary>What OAUTHBEARER and XOAUTH2 have in common: a token, and a failure that is told before it is one.</summary>
internal abstract class TokenMechanism(Authenticator authenticator, SignInAttempt attempt) : ISaslMechanism
{
    private string? name;
    private SignInOutcome? failure;

    /// <summary>The error that a client gets as a challenge; it answers, whatever it answers, and then comes the failure.</summary>
    protected abstract ReadOnlyMemory<byte> Error { get; }

    /// <inheritdoc/>
    public async ValueTask<SaslStep> StepAsync(byte[]? response, CancellationToken cancel)
    {
        if (response is null)
        {
            return SaslStep.Begin;
        }

        if (failure is { } told)
        {
            return SaslStep.Done(told);
        }

        if (SaslText.Read(response) is not { } text)
        {
            return SaslStep.Done(Abandon("it is not UTF-8"));
        }

        var credentials = Read(text, out var fault);
        name = credentials?.Name;
        if (credentials is not { Token: { } token })
        {
            return SaslStep.Done(Abandon(fault));
        }

        var outcome = await authenticator.WithTokenAsync(attempt, name, token, cancel);
        if (outcome.Result is SignInResult.SignedIn or SignInResult.Unavailable)
        {
            return SaslStep.Done(outcome);
        }

        failure = outcome;
        return SaslStep.Ask(Error);
    }

    /// <inheritdoc/>
    public SignInOutcome Abandon(string detail) => failure ?? authenticator.Refuse(attempt, name, SignInResult.Malformed, detail);

    /// <summary>Reads the client's only message; on failure says why.</summary>
    protected abstract TokenCredentials? Read(string text, out string fault);

    /// <summary>The token of <c>Bearer TOKEN</c> (RFC 6750 §2.1); null where it is something else.</summary>
    protected static string? Bearer(string value)
    {
        const string scheme = "Bearer ";
        var token = value.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? value[scheme.Length..].Trim(' ') : "";
        return token.Length > 0 ? token : null;
    }
}

/// <summary>What a client sends to sign in by token.</summary>
/// <param name="Name">The account; null where it does not say.</param>
/// <param name="Token">Null where there is none.</param>
internal readonly record struct TokenCredentials(string? Name, string? Token);
