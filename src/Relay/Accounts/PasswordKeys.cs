using System.Security.Cryptography;

namespace Relay.Accounts;

/// <summary>What is kept of a password: enough to check one, not to use it elsewhere (RFC 5802 §3, RFC 7677).</summary>
/// <param name="Salt">Random, its own for each password.</param>
/// <param name="Iterations">Rounds of PBKDF2 with HMAC-SHA-256.</param>
/// <param name="StoredKey">H(HMAC(SaltedPassword, "Client Key")).</param>
/// <param name="ServerKey">HMAC(SaltedPassword, "Server Key").</param>
public sealed record PasswordKeys(byte[] Salt, int Iterations, byte[] StoredKey, byte[] ServerKey)
{
    /// <summary>
    /// The keys of a new password, with a salt of their own and <see cref="ScramSha256.Iterations"/> rounds. RFC 7677 §4 asks
    /// for 4096 at least. More is better against somebody who has the file, but a SCRAM client does the same work each time
    /// that it signs in, and some take no more than 65,536. A password that Relay made is out of reach with any
    /// number.
    /// </summary>
    /// <exception cref="ArgumentException">It is not one that <see cref="Passwords.WhyNot"/> lets pass.</exception>
    public static PasswordKeys Derive(string password, RandomNumberGenerator random)
    {
        if (Passwords.WhyNot(password) is { } fault)
        {
            throw new ArgumentException($"the password {fault}", nameof(password));
        }

        var salt = new byte[ScramSha256.SaltLength];
        random.GetBytes(salt);
        return ScramSha256.Derive(password, salt, ScramSha256.Iterations);
    }

    /// <summary>
    /// Whether this is the password. The comparison takes the same time wherever they differ. A text that cannot be one is none:
    /// PBKDF2 by itself does not see NULs at the end.
    /// </summary>
    public bool Verify(string password) => Passwords.WhyNot(password) is null && ScramSha256.PasswordHolds(this, password);
}
