using System.Text.Json.Serialization;

namespace Relay.Accounts;

/// <summary>How one attempt to sign in ended. The client hears no more than yes or no; this is for operators.</summary>
public sealed record SignIn
{
    /// <summary>The session, as the reply and the log name it.</summary>
    public required string Session { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The mechanism that was asked for, as the client spelt it.</summary>
    public required string Mechanism { get; init; }

    /// <summary>The account that was asked for; null where the client did not get that far.</summary>
    public string? Account { get; init; }

    /// <summary>The client's address; null where it is not known.</summary>
    public string? ClientAddress { get; init; }

    /// <summary>The verdict.</summary>
    public required SignInResult Result { get; init; }

    /// <summary>What an operator needs to know beyond it, such as what was wrong with a token. Holds no secret.</summary>
    public string? Detail { get; init; }
}

/// <summary>Verdicts; <c>docs/flow.md</c> says what to do about each. The words stay as they are.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SignInResult>))]
public enum SignInResult
{
    /// <summary>Signed in.</summary>
    [JsonStringEnumMemberName("signed-in")] SignedIn,

    /// <summary>There is no such account.</summary>
    [JsonStringEnumMemberName("unknown-account")] UnknownAccount,

    /// <summary>The password is not the one of the account.</summary>
    [JsonStringEnumMemberName("wrong-password")] WrongPassword,

    /// <summary>The account signs in another way: it has no password, or no token stands for it.</summary>
    [JsonStringEnumMemberName("wrong-method")] WrongMethod,

    /// <summary>The access token was refused; the detail says why.</summary>
    [JsonStringEnumMemberName("token-refused")] TokenRefused,

    /// <summary>The account is disabled.</summary>
    [JsonStringEnumMemberName("account-disabled")] AccountDisabled,

    /// <summary>AUTH before TLS.</summary>
    [JsonStringEnumMemberName("tls-required")] TlsRequired,

    /// <summary>The mechanism is not offered.</summary>
    [JsonStringEnumMemberName("mechanism-not-offered")] MechanismNotOffered,

    /// <summary>The account may not sign in from this address.</summary>
    [JsonStringEnumMemberName("network-not-allowed")] NetworkNotAllowed,

    /// <summary>Too many failures from this address or for this account.</summary>
    [JsonStringEnumMemberName("locked-out")] LockedOut,

    /// <summary>What the client sent breaks the mechanism's grammar, or it gave up.</summary>
    [JsonStringEnumMemberName("malformed")] Malformed,

    /// <summary>It could not be decided now; the client may try again.</summary>
    [JsonStringEnumMemberName("unavailable")] Unavailable,
}
