namespace Relay.Accounts;

/// <summary>Accounts in memory, found by name and by subject. Never changed once it is made.</summary>
internal sealed class AccountSet
{
    private readonly Dictionary<string, Account> byName = [];
    private readonly Dictionary<string, Account> bySubject = new(StringComparer.OrdinalIgnoreCase);

    public AccountSet(IReadOnlyList<Account> accounts)
    {
        All = accounts;
        foreach (var account in accounts)
        {
            byName[Account.KeyOf(account.Name)] = account;
            if (account.TokenSubject is { } subject)
            {
                bySubject[subject] = account;
            }
        }
    }

    /// <summary>By name.</summary>
    public IReadOnlyList<Account> All { get; }

    public Account? Find(string name) => byName.GetValueOrDefault(Account.KeyOf(name));

    public Account? FindBySubject(string subject) => bySubject.GetValueOrDefault(subject);
}
