namespace Relay.Accounts;

/// <summary>The word of each <see cref="SignInResult"/>, and what an operator does about it; <c>docs/flow.md</c> has the same table.</summary>
public static class Verdicts
{
    private static readonly Dictionary<string, SignInResult> ByWord = Enum.GetValues<SignInResult>().ToDictionary(WordOf);

    /// <summary>The word, as in JSON.</summary>
    public static string WordOf(SignInResult result) => result switch
    {
        SignInResult.SignedIn => "signed-in",
        SignInResult.UnknownAccount => "unknown-account",
        SignInResult.WrongPassword => "wrong-password",
        SignInResult.WrongMethod => "wrong-method",
        SignInResult.TokenRefused => "token-refused",
        SignInResult.AccountDisabled => "account-disabled",
        SignInResult.TlsRequired => "tls-required",
        SignInResult.MechanismNotOffered => "mechanism-not-offered",
        SignInResult.NetworkNotAllowed => "network-not-allowed",
        SignInResult.LockedOut => "locked-out",
        SignInResult.Malformed => "malformed",
        SignInResult.Unavailable => "unavailable",
        _ => throw new ArgumentOutOfRangeException(nameof(result), result, null),
    };

    /// <summary>One sentence of what to do.</summary>
    public static string AdviceOn(SignInResult result) => result switch
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

    /// <summary>The result of a word; null for one that this version does not know.</summary>
    internal static SignInResult? Find(string word) => ByWord.TryGetValue(word, out var result) ? result : null;
}
