using System.Net;
using Relay.Options;

namespace Relay.Accounts;

/// <summary>An account as people write it.</summary>
public sealed record AccountText
{
    /// <summary>See <see cref="AccountParser.AllowedName"/>.</summary>
    public required string Name { get; init; }

    /// <summary>See <see cref="AccountParser.AllowedSender"/>.</summary>
    public IReadOnlyList<string> Senders { get; init; } = [];

    /// <summary>See <see cref="AccountParser.AllowedNetwork"/>.</summary>
    public IReadOnlyList<string> Networks { get; init; } = [];

    /// <summary>See <see cref="AccountParser.AllowedRate"/>; null for none.</summary>
    public string? Rate { get; init; }

    /// <summary>See <see cref="AccountParser.AllowedTokenSubject"/>; null for none.</summary>
    public string? TokenSubject { get; init; }
}

/// <summary>What reading an account gave: the account, or everything that is wrong with it.</summary>
/// <param name="Account">Without a password yet. Null when there are faults.</param>
/// <param name="Faults">Empty when there is an account.</param>
public sealed record AccountResult(Account? Account, IReadOnlyList<AccountFault> Faults);

/// <summary>One wrong thing of an account.</summary>
/// <param name="Parameter">Its name: <c>name</c>, <c>sender</c>, <c>network</c>, <c>rate</c> or <c>token-subject</c>.</param>
/// <param name="Problem">What was given and what is allowed, in words.</param>
public sealed record AccountFault(string Parameter, string Problem);

/// <summary>Reads an <see cref="Account"/> from what people write.</summary>
public static class AccountParser
{
    /// <summary>
    /// What is allowed for the name. A mail address is, and so is a name of three parts with a bar between them. ASCII only:
    /// the same name in other scripts can be spelt in several ways that look alike.
    /// </summary>
    public const string AllowedName = "1 to 254 printable ASCII characters without space, colon, slash or backslash";

    /// <summary>What is allowed for a sender.</summary>
    public const string AllowedSender = "one address (user@example.com), a domain (example.com) or *.domain (below it, not itself)";

    /// <summary>What is allowed for the rate.</summary>
    public const string AllowedRate = "a number in a time such as 600/1h or 5000/1d";

    /// <summary>What is allowed for the subject of tokens.</summary>
    public const string AllowedTokenSubject = "the oid or appid of its access tokens: " + AllowedName;

    private const int LongestShown = 80;

    /// <summary>What is allowed for a network.</summary>
    public static string AllowedNetwork => ValueKinds.Network.Allowed;

    /// <summary>Reads an account that is made <paramref name="now"/>.</summary>
    public static AccountResult Parse(AccountText text, DateTimeOffset now)
    {
        var faults = new List<AccountFault>();
        Check("name", text.Name, IsName(text.Name), AllowedName);
        foreach (var sender in text.Senders)
        {
            Check("sender", sender, sender != "*" && ValueKinds.RecipientPattern.Parse(sender, out _), AllowedSender);
        }

        var networks = new List<IPNetwork>();
        foreach (var given in text.Networks)
        {
            Check("network", given, ValueKinds.Network.Parse(given, out var network), AllowedNetwork);
            networks.Add(network);
        }

        // "off" is for the configuration: an account without a rate has the one of the configuration.
        var rate = default(Rate);
        Check("rate", text.Rate, text.Rate is null || (ValueKinds.Rate.Parse(text.Rate, out rate) && rate is not null), AllowedRate);
        Check("token-subject", text.TokenSubject, text.TokenSubject is null || IsName(text.TokenSubject), AllowedTokenSubject);
        return faults.Count > 0 ? new AccountResult(null, faults) : new AccountResult(
            new Account
            {
                Name = text.Name,
                Senders = text.Senders,
                Networks = networks,
                Rate = rate,
                TokenSubject = text.TokenSubject,
                CreatedAt = now,
            },
            []);

        void Check(string parameter, string? given, bool isRight, string allowed)
        {
            if (!isRight)
            {
                faults.Add(new AccountFault(parameter, $"\"{Shown(given!)}\" is not allowed; allowed is {allowed}"));
            }
        }
    }

    /// <summary>Whether an account can have this name.</summary>
    internal static bool IsName(string text) =>
        text.Length is > 0 and <= Authenticator.MaxName && text.All(c => c is > ' ' and <= '~' and not (':' or '/' or '\\'));

    private static string Shown(string value) =>
        string.Concat((value.Length > LongestShown ? value[..LongestShown] + "…" : value).Select(c => char.IsControl(c) ? '?' : c));
}
