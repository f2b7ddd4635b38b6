using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Relay.Checks.Dkim;

/// <summary>Reads an RSA key by its two numbers, so that it can be judged before anything is computed with it.</summary>
internal static class RsaPublicKey
{
    private const string RsaEncryption = "1.2.840.113549.1.1.1";

    /// <summary>A SubjectPublicKeyInfo; the RSAPublicKey that RFC 6376 §3.6.1 speaks of is in use too. False for what is neither.</summary>
    public static bool TryRead(byte[] der, out RSAParameters key)
    {
        try
        {
            var sequence = new AsnReader(der, AsnEncodingRules.BER).ReadSequence();
            if (sequence.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
            {
                if (sequence.ReadSequence().ReadObjectIdentifier() != RsaEncryption)
                {
                    key = default;
                    return false;
                }

                sequence = new AsnReader(sequence.ReadBitString(out _), AsnEncodingRules.BER).ReadSequence();
            }

            key = new RSAParameters { Modulus = ReadNumber(sequence), Exponent = ReadNumber(sequence) };
            return key.Modulus.Length > 0 && key.Exponent.Length > 0;
        }
        catch (AsnContentException)
        {
            key = default;
            return false;
        }
    }

    /// <summary>Bits of the key.</summary>
    public static int Bits(this RSAParameters key) => (key.Modulus!.Length * 8) - byte.LeadingZeroCount(key.Modulus[0]);

    /// <summary>Without the zeros before it.</summary>
    private static byte[] ReadNumber(AsnReader sequence) => sequence.ReadIntegerBytes().Span.TrimStart((byte)0).ToArray();
}
