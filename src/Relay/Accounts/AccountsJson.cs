using System.Text.Json.Serialization;
using Relay.Options;

namespace Relay.Accounts;

/// <summary>What is shown of an account. Nothing of its password is, but whether it has one.</summary>
public sealed record AccountSummary
{
    /// <summary>What the client signs in with.</summary>
    public required string Name { get; init; }

    /// <summary>It may not sign in for now.</summary>
    public required bool Disabled { get; init; }

    /// <summary>It can sign in by password.</summary>
    public required bool HasPassword { get; init; }

    /// <summary>Access tokens of this subject stand for it.</summary>
    public string? TokenSubject { get; init; }

    /// <summary>Reverse-paths it may use. Empty: any.</summary>
    public required IReadOnlyList<string> Senders { get; init; }

    /// <summary>Where it may sign in from. Empty: anywhere.</summary>
    public required IReadOnlyList<string> Networks { get; init; }

    /// <summary>Such as <c>600/1h</c>; null for the rate of the configuration.</summary>
    public string? Rate { get; init; }

    /// <summary>When it was added.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The summary of an account.</summary>
    public static AccountSummary Of(Account account) => new()
    {
        Name = account.Name,
        Disabled = account.IsDisabled,
        HasPassword = account.Password is not null,
        TokenSubject = account.TokenSubject,
        Senders = account.Senders,
        Networks = [.. account.Networks.Select(ValueKinds.Network.Format)],
        Rate = account.Rate is null ? null : ValueKinds.Rate.Format(account.Rate),
        CreatedAt = account.CreatedAt,
    };
}

/// <summary>All accounts, by name.</summary>
/// <param name="Accounts">Empty when there are none.</param>
public sealed record AccountList(IReadOnlyList<AccountSummary> Accounts);

/// <summary>The attempts to sign in of one session.</summary>
/// <param name="Session">The session.</param>
/// <param name="SignIns">Oldest first.</param>
public sealed record SessionSignIns(string Session, IReadOnlyList<SignIn> SignIns);

/// <summary>The locks in force.</summary>
/// <param name="Locks">Empty when there are none.</param>
public sealed record LockList(IReadOnlyList<Lock> Locks);

/// <summary>The JSON of accounts, sign-ins and locks, the same over HTTP and on the command line, in the form of <see cref="Status.StatusJson"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(AccountList))]
[JsonSerializable(typeof(SessionSignIns))]
[JsonSerializable(typeof(LockList))]
public sealed partial class AccountsJson : JsonSerializerContext;
