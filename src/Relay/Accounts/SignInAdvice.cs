namespace Relay.Accounts;

/// <summary>What an operator does about each <see cref="SignInResult"/>; <c>docs/flow.md</c> has the same sentences.</summary>
public static class SignInAdvice
{
    /// <summary>One sentence of what to do.</summary>
    public static string On(SignInResult result) => result switch
    {
        SignInResult.SignedIn => "Nothing to do: the client is signed in.",
        SignInResult.UnknownAccount => "Look for a slip in the name, or add the account with `relay account add`.",
        SignInResult.WrongPassword => "Give the client the right password; `relay account password` sets a new one.",
        SignInResult.WrongMethod =>
            "Let the client sign in by what the account has, a password or an access token; `relay account list` says which.",
        SignInResult.TokenRefused => "Read the detail: it says what about the token is not as the `Auth` section of the configuration asks.",
        SignInResult.AccountDisabled => "If it should sign in again, `relay account enable` lets it.",
        SignInResult.TlsRequired => "Let the client begin TLS before it signs in, or list its network in `Smtp:AuthWithoutTls`.",
        SignInResult.MechanismNotOffered => "Let the client use a mechanism that the reply to EHLO lists.",
        SignInResult.NetworkNotAllowed =>
            "Let the client come from a network of the account, which `relay account list` shows, or add the account anew with others.",
        SignInResult.LockedOut =>
            "Find who keeps failing and mend it; `relay account locks` says when the lock ends, `relay account unlock` lifts it now.",
        SignInResult.Malformed => "Mend the client: the detail says where it left the mechanism's grammar, or that it gave up.",
        SignInResult.Unavailable => "Look into the log for what kept the relay from deciding; the client may try again.",
        _ => throw new ArgumentOutOfRangeException(nameof(result), result, null),
    };
}
