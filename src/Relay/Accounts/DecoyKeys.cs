using System.Security.Cryptography;
using System.Text;

namespace Relay.Accounts;

/// <summary>
/// Keys for names that have none: no password fits them, and a client that asks for their salt sees one that stays the same
/// for as long as this process lives, as that of an account would.
/// </summary>
internal sealed class DecoyKeys
{
    private readonly byte[] secret = RandomNumberGenerator.GetBytes(ScramSha256.HashLength);

    public PasswordKeys For(string name)
    {
        var salt = HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(LockSubject.Of(name))).AsSpan(0, ScramSha256.SaltLength);
        var unknown = RandomNumberGenerator.GetBytes(2 * ScramSha256.HashLength);
        return new PasswordKeys(
            salt.ToArray(), ScramSha256.Iterations, unknown[..ScramSha256.HashLength], unknown[ScramSha256.HashLength..]);
    }
}
