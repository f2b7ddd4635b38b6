namespace Relay.Accounts;

/// <summary>The words of verdicts: in the log, the metric, the store and JSON the same.</summary>
public static class SignInWords
{
    /// <summary>The word of a verdict, such as <c>wrong-password</c>.</summary>
    public static string Word(this SignInResult result) => result switch
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
}
