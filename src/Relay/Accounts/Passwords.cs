using System.Security.Cryptography;

namespace Relay.Accounts;

/// <summary>What a password may be, and new ones.</summary>
public static class Passwords
{
    private const int MaxLength = 1024;

    /// <summary>No letter or digit that is read as another; 32 of them, so that five random bits choose one without bias.</summary>
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

    /// <summary>130 bits.</summary>
    private const int NewLength = 26;

    /// <summary>
    /// What is wrong with a password, to follow "the password"; null when nothing is. Of SASLprep (RFC 4013) this is the part
    /// that forbids control characters. Its normalisation (NFKC) changes nothing in ASCII; outside it, the runtime cannot do
    /// it under <c>InvariantGlobalization</c>, with which Relay is built, so a text counts as its UTF-8 octets, which most
    /// keyboards give in that form.
    /// </summary>
    public static string? WhyNot(string password) =>
        password.Length == 0 ? "is empty"
        : password.Length > MaxLength ? $"has more than {MaxLength} characters"
        : password.Any(char.IsControl) ? "has a control character"
        : null;

    /// <summary>A password that nobody can guess.</summary>
    public static string Generate(RandomNumberGenerator random)
    {
        var bytes = new byte[NewLength];
        random.GetBytes(bytes);
        return string.Create(NewLength, bytes, static (password, bytes) =>
        {
            for (var i = 0; i < password.Length; i++)
            {
                password[i] = Alphabet[bytes[i] & 31];
            }
        });
    }
}
