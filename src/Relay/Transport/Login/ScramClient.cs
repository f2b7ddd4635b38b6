using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Relay.Accounts;

namespace Relay.Transport.Login;

/// <summary>SCRAM-SHA-256 (RFC 5802 §5, RFC 7677) without channel binding.</summary>
internal sealed class ScramClient(string user, string password) : SaslClient("SCRAM-SHA-256")
{
    /// <summary>Rounds of PBKDF2 at most, and at least: a server must not make us calculate for minutes, nor weaken the password.</summary>
    private const int MaxIterations = 1_000_000;

    private const int MinIterations = 4096;

    private readonly string nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));
    private string? expectedSignature;
    private int step;
    private bool isServerReal;

    public override bool MayEnd => isServerReal;

    private string FirstBare => $"n={user.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal)},r={nonce}";

    public override byte[] Begin() => Encoding.UTF8.GetBytes($"n,,{FirstBare}");

    public override byte[]? Answer(byte[] challenge)
    {
        var text = Encoding.UTF8.GetString(challenge);
        return step++ switch
        {
            0 => Prove(text),
            1 when text == expectedSignature => Finish(),
            _ => null,
        };
    }

    private byte[]? Prove(string serverFirst)
    {
        var parts = serverFirst.Split(',');
        if (parts is not [['r', '=', .. var bothNonces], ['s', '=', .. var saltText], ['i', '=', .. var rounds], ..] ||
            !bothNonces.StartsWith(nonce, StringComparison.Ordinal) || bothNonces.Length == nonce.Length ||
            !int.TryParse(rounds, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations) ||
            iterations is < MinIterations or > MaxIterations || Decode(saltText) is not { Length: > 0 } salt)
        {
            return null;
        }

        var salted = ScramSha256.SaltedPassword(password, salt, iterations);
        var clientKey = ScramSha256.ClientKey(salted);
        var final = $"c=biws,r={bothNonces}";
        var message = Encoding.UTF8.GetBytes($"{FirstBare},{serverFirst},{final}");
        var proof = HMACSHA256.HashData(SHA256.HashData(clientKey), message);
        for (var i = 0; i < proof.Length; i++)
        {
            proof[i] ^= clientKey[i];
        }

        expectedSignature = $"v={Convert.ToBase64String(HMACSHA256.HashData(ScramSha256.ServerKey(salted), message))}";
        CryptographicOperations.ZeroMemory(salted);
        return Encoding.UTF8.GetBytes($"{final},p={Convert.ToBase64String(proof)}");
    }

    private byte[] Finish()
    {
        isServerReal = true;
        return [];
    }

    private static byte[]? Decode(string base64)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
