using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Relay.Accounts;

/// <summary>What a password may be, and new ones.</summary>
public static class Passwords
{
    private const int MaxLength = 1024;

    /// <summary>No letter or digit that is read as another; 32 of them, so that five random bits choose one without bias.</summary>
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

    /// <summary>130 bits.</summary>
    private const int NewLength = 26;

    /// <summary>What is wrong with a password, to follow "the password"; null when nothing is.</summary>
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

    /// <summary>
    /// SASLprep (RFC 4013) in its simple part: every space is the ASCII one, and NFKC where the runtime can. Under
    /// <c>InvariantGlobalization</c>, with which Relay is built, it cannot: text outside ASCII then counts as the client
    /// sends it, which is NFKC already from most keyboards. For ASCII all of this changes nothing.
    /// </summary>
    internal static string Prepare(string password)
    {
        if (Ascii.IsValid(password))
        {
            return password;
        }

        var spaced = string.Create(password.Length, password, static (text, password) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = char.GetUnicodeCategory(password[i]) == UnicodeCategory.SpaceSeparator ? ' ' : password[i];
            }
        });
        try
        {
            return spaced.Normalize(NormalizationForm.FormKC);
        }
        catch (ArgumentException)
        {
            // Half a surrogate pair: it is no text, and so no password that anybody has.
            return spaced;
        }
    }
}
