using System.Security.Cryptography;
using System.Text;

namespace Relay.Accounts;

/// <summary>What is kept of a password: enough to check one, not to use it elsewhere (RFC 5802 §3, RFC 7677).</summary>
/// <param name="Salt">Random, its own for each password.</param>
/// <param name="Iterations">Rounds of PBKDF2 with HMAC-SHA-256.</param>
/// <param name="StoredKey">H(HMAC(SaltedPassword, "Client Key")).</param>
/// <param name="ServerKey">HMAC(SaltedPassword, "Server Key").</param>
public sealed record PasswordKeys(byte[] Salt, int Iterations, byte[] StoredKey, byte[] ServerKey)
{
    /// <summary>
    /// Rounds for a new password. RFC 7677 §4 asks for 4096 at least. More is better against somebody who has the file, but
    /// a SCRAM client does the same work each time that it signs in: this many takes a small one a tenth of a second. The
    /// passwords that Relay makes are out of reach with any number.
    /// </summary>
    public const int DefaultIterations = 100_000;

    private const int SaltSize = 16;

    /// <summary>The keys of a new password, with a salt of their own.</summary>
    /// <exception cref="ArgumentException">It is not one that <see cref="Passwords.WhyNot"/> lets pass.</exception>
    public static PasswordKeys Derive(string password, RandomNumberGenerator random)
    {
        var salt = new byte[SaltSize];
        random.GetBytes(salt);
        return Derive(password, salt, DefaultIterations);
    }

    /// <summary>The keys of a password with a given salt and number of rounds.</summary>
    /// <exception cref="ArgumentException">It is not one that <see cref="Passwords.WhyNot"/> lets pass.</exception>
    public static PasswordKeys Derive(string password, byte[] salt, int iterations)
    {
        if (Passwords.WhyNot(password) is { } fault)
        {
            throw new ArgumentException($"the password {fault}", nameof(password));
        }

        var salted = Rfc2898DeriveBytes.Pbkdf2(
            Encoding.UTF8.GetBytes(Passwords.Prepare(password)), salt, iterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        return new PasswordKeys(
            salt, iterations, SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8)), HMACSHA256.HashData(salted, "Server Key"u8));
    }

    /// <summary>Whether this is the password. The comparison takes the same time wherever they differ.</summary>
    public bool Verify(string password) =>
        Passwords.WhyNot(password) is null &&
        CryptographicOperations.FixedTimeEquals(Derive(password, Salt, Iterations).StoredKey, StoredKey);
}
