using System.Security.Cryptography;
using System.Text;

namespace Relay.Accounts;

/// <summary>
/// The arithmetic of SCRAM-SHA-256 (RFC 5802 §3, RFC 7677). A password is its UTF-8 octets: SASLprep is not applied, which
/// changes nothing for ASCII.
/// </summary>
public static class ScramSha256
{
    /// <summary>
    /// Rounds of PBKDF2 for a new password. One number for all: another would tell real accounts from decoys. Cyrus SASL, and
    /// with it Postfix as a client, refuses more than 65,536.
    /// </summary>
    public const int Iterations = 60_000;

    /// <summary>Octets of the salt of a new password; the same for all, as above.</summary>
    public const int SaltLength = 16;

    /// <summary>Octets of every key, signature and proof.</summary>
    public const int HashLength = SHA256.HashSizeInBytes;

    /// <summary>What is kept of this password.</summary>
    public static PasswordKeys Derive(string password, byte[] salt, int iterations)
    {
        var salted = SaltedPassword(password, salt, iterations);
        var keys = new PasswordKeys(salt, iterations, SHA256.HashData(ClientKey(salted)), ServerKey(salted));
        CryptographicOperations.ZeroMemory(salted);
        return keys;
    }

    /// <summary>Hi(password, salt, i): one PBKDF2, which is where all the time goes.</summary>
    public static byte[] SaltedPassword(string password, ReadOnlySpan<byte> salt, int iterations)
    {
        var octets = Encoding.UTF8.GetBytes(password);
        var salted = Rfc2898DeriveBytes.Pbkdf2(octets, salt, iterations, HashAlgorithmName.SHA256, HashLength);
        CryptographicOperations.ZeroMemory(octets);
        return salted;
    }

    /// <summary>HMAC(SaltedPassword, "Client Key").</summary>
    public static byte[] ClientKey(ReadOnlySpan<byte> saltedPassword) => HMACSHA256.HashData(saltedPassword, "Client Key"u8);

    /// <summary>HMAC(SaltedPassword, "Server Key").</summary>
    public static byte[] ServerKey(ReadOnlySpan<byte> saltedPassword) => HMACSHA256.HashData(saltedPassword, "Server Key"u8);

    /// <summary>Whether these are the keys of this password; takes the same time for yes and no.</summary>
    public static bool PasswordHolds(PasswordKeys keys, string password) =>
        CryptographicOperations.FixedTimeEquals(Derive(password, keys.Salt, keys.Iterations).StoredKey, keys.StoredKey);

    /// <summary>Whether a client that sent this proof has the password: H(proof XOR ClientSignature) = StoredKey.</summary>
    public static bool ProofHolds(PasswordKeys keys, ReadOnlySpan<byte> authMessage, ReadOnlySpan<byte> proof)
    {
        if (proof.Length != HashLength)
        {
            return false;
        }

        Span<byte> clientKey = stackalloc byte[HashLength];
        HMACSHA256.HashData(keys.StoredKey, authMessage, clientKey);
        for (var i = 0; i < HashLength; i++)
        {
            clientKey[i] ^= proof[i];
        }

        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(clientKey), keys.StoredKey);
    }

    /// <summary>What shows the client that the server knows it: HMAC(ServerKey, AuthMessage).</summary>
    public static byte[] ServerSignature(PasswordKeys keys, ReadOnlySpan<byte> authMessage) =>
        HMACSHA256.HashData(keys.ServerKey, authMessage);
}
