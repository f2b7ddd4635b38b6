using System.Net;

namespace Relay.Accounts;

/// <summary>Locks as people name them.</summary>
public static class LockText
{
    /// <summary>The word of a kind, as in JSON.</summary>
    public static string Word(this LockKind kind) => kind == LockKind.Address ? "address" : "account";

    /// <summary>The kind of a word.</summary>
    public static bool TryParseKind(string word, out LockKind kind)
    {
        kind = word == LockKind.Address.Word() ? LockKind.Address : LockKind.Account;
        return word == kind.Word();
    }

    /// <summary>The subject of the lock that this text means: an address stands for all that are locked with it, however it is spelt.</summary>
    public static string Subject(LockKind kind, string text) =>
        kind == LockKind.Address && IPAddress.TryParse(text, out var address) ? LockSubject.Of(address) : LockSubject.Of(text);
}
