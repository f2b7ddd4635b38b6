using System.Net;

namespace Relay.Accounts;

/// <summary>How an attempt is judged.</summary>
/// <param name="Account">The account in question; null where there is none.</param>
/// <param name="Detail">For the operator.</param>
internal readonly record struct Verdict(SignInResult Result, Account? Account, string? Detail)
{
    public static Verdict Of(Account? account, SignInResult result) => new(result, account, null);
}

/// <summary>What an account itself allows.</summary>
internal static class AccountRules
{
    /// <summary>What refuses even the right password; the first cause is the one that the operator must see to first.</summary>
    public static Verdict? WhyNot(Account? account, IPAddress? client)
    {
        if (account is null)
        {
            return new Verdict(SignInResult.UnknownAccount, null, null);
        }

        return WhyNotAnyMethod(account, client)
            ?? (account.Password is null ? new Verdict(SignInResult.WrongMethod, account, "it has no password") : null);
    }

    public static Verdict? WhyNotAnyMethod(Account account, IPAddress? client)
    {
        if (account.IsDisabled)
        {
            return Verdict.Of(account, SignInResult.AccountDisabled);
        }

        if (account.Networks.Count == 0)
        {
            return null;
        }

        if (client is null)
        {
            return new Verdict(SignInResult.NetworkNotAllowed, account, "the client's address is not known");
        }

        var address = client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;
        return account.Networks.Any(n => n.Contains(address)) ? null : Verdict.Of(account, SignInResult.NetworkNotAllowed);
    }
}
