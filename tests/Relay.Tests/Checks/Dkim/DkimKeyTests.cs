using System.Security.Cryptography;
using Relay.Checks.Dkim;
using Relay.Signing;
using Relay.Support;

namespace Relay.Tests.Checks.Dkim;

/// <summary>What DNS has in place of a good key.</summary>
public sealed class DkimKeyTests
{
    private const string Name = "sel._domainkey.example.org";

    private static readonly string Public = Letter.Rsa.RecordText[Letter.Rsa.RecordText.IndexOf("p=", StringComparison.Ordinal)..];

    [Theory]
    [InlineData("P", "pass")]
    [InlineData("v=DKIM1; P", "pass")]
    [InlineData("v=DKIM1; k=RSA; h=sha1 : sha256; s=email; n=a note; t=; x=y; P;", "pass")]
    [InlineData("s=*; P", "pass")]
    [InlineData("s=tlsrpt; P", "permerror: the key is not for mail")]
    [InlineData("h=sha1; P", "permerror: the key is not for SHA-256")]
    [InlineData("k=ed25519; P", "permerror: the key is for another algorithm")]
    [InlineData("k=dsa; P", "permerror: the key is for another algorithm")]
    [InlineData("v=DKIM1; p=", "permerror: the key has been revoked")]
    [InlineData("v=DKIM2; P", "permerror: the key cannot be read")]
    [InlineData("k=rsa; v=DKIM1; P", "permerror: the key cannot be read")]
    [InlineData("v=DKIM1", "permerror: the key cannot be read")]
    [InlineData("p=?", "permerror: the key cannot be read")]
    [InlineData("p=AAAA", "permerror: the RSA key is broken")]
    [InlineData("v=spf1 -all", "permerror: the key cannot be read")]
    [InlineData("", "permerror: the key cannot be read")]
    public async Task A_record_is_judged_as_the_standard_says(string record, string expected) =>
        Assert.Equal(expected, await SaidAsync(record.Replace("P", Public)));

    [Fact]
    public async Task A_key_that_is_strict_is_not_for_domains_below()
    {
        var below = Letter.Sign(Letter.Text, Letter.Rsa, ("i", "@mail.example.org"));
        var itself = Letter.Sign(Letter.Text, Letter.Rsa, ("i", "x@Example.org"));

        Assert.Equal("permerror: the key is not for domains below", await SaidAsync("t=y:s; " + Public, below));
        Assert.Equal("pass", await SaidAsync("t=y:s; " + Public, itself));
        Assert.Equal("pass", await SaidAsync("t=y; " + Public, below));
    }

    [Fact]
    public async Task Of_several_keys_one_that_is_right_will_do_and_only_so_many_are_tried()
    {
        var message = Letter.Sign(Letter.Text, Letter.Rsa);
        var other = Letter.Key(PrivateKeyPem.NewRsa(1024)).RecordText;

        Assert.Equal("pass", Letter.Said((await Letter.VerifyAsync(message, new TableDns()
            .Txt(Name, "v=spf1 -all").Txt(Name, "v=DKIM1; p=").Txt(Name, other).Txt(Name, "v=DKIM1; " + Public))).Results[0]));
        Assert.Equal("fail: the signature does not fit header and key", Letter.Said((await Letter.VerifyAsync(message, new TableDns()
            .Txt(Name, other).Txt(Name, other).Txt(Name, other).Txt(Name, other).Txt(Name, "v=DKIM1; " + Public))).Results[0]));
    }

    [Theory]
    [InlineData(512, "policy: an RSA key of 512 bits is too weak")]
    [InlineData(1016, "policy: an RSA key of 1016 bits is too weak")]
    [InlineData(1024, "fail: the signature does not fit header and key")]
    [InlineData(8192, "fail: the signature does not fit header and key")]
    [InlineData(8200, "permerror: an RSA key of 8200 bits is too long")]
    [InlineData(16384, "permerror: an RSA key of 16384 bits is too long")]
    public async Task The_length_of_an_rsa_key_is_bounded_on_both_sides(int bits, string expected)
    {
        var modulus = new byte[bits / 8];
        new Random(1).NextBytes(modulus);
        modulus[0] |= 0x80;
        modulus[^1] |= 1;

        Assert.Equal(expected, await SaidAsync("p=" + Convert.ToBase64String(Spki(modulus, [1, 0, 1]))));
    }

    [Fact]
    public void A_key_that_is_too_weak_never_passes_though_the_signature_is_right()
    {
        using var weak = RSA.Create(512);
        var digest = new byte[32];

        var verdict = SignatureVerifier.Verify(
            DkimKeyRecord.Parse($"p={Convert.ToBase64String(weak.ExportSubjectPublicKeyInfo())}")!,
            digest, weak.SignHash(digest, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

        Assert.Equal(DkimOutcome.Policy, verdict.Outcome);
    }

    [Theory]
    [InlineData(new byte[] { 1 })]
    [InlineData(new byte[] { 2 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 0, 0, 0, 0, 1 })]
    public async Task An_exponent_with_which_anybody_could_sign_or_that_costs_too_much_is_refused(byte[] exponent)
    {
        var modulus = new byte[256];
        new Random(1).NextBytes(modulus);
        modulus[0] |= 0x80;
        modulus[^1] |= 1;

        var said = await SaidAsync("p=" + Convert.ToBase64String(Spki(modulus, exponent)));

        Assert.Matches("^permerror: the (exponent of the RSA key is not fit|RSA key is broken)$", said);
    }

    [Fact]
    public async Task An_rsa_key_may_be_given_without_its_algorithm()
    {
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(Convert.FromBase64String(Public[2..]), out _);

        Assert.Equal("pass", await SaidAsync($"p={Convert.ToBase64String(rsa.ExportRSAPublicKey())}"));
    }

    [Theory]
    [InlineData(31)]
    [InlineData(33)]
    public async Task An_ed25519_key_has_32_octets(int octets)
    {
        var dns = new TableDns().Txt(Letter.Ed25519.RecordName, $"k=ed25519; p={Convert.ToBase64String(new byte[octets])}");

        Assert.Equal(
            "permerror: the Ed25519 key does not have 32 octets",
            Letter.Said((await Letter.VerifyAsync(Letter.Sign(Letter.Text, Letter.Ed25519), dns)).Results[0]));
    }

    [Fact]
    public async Task A_name_without_records_has_no_key_and_dns_that_is_silent_may_answer_later()
    {
        var message = Letter.Sign(Letter.Text, Letter.Rsa);

        Assert.Equal("permerror: there is no key", Letter.Said((await Letter.VerifyAsync(message, new TableDns())).Results[0]));
        Assert.Equal("permerror: there is no key", Letter.Said((await Letter.VerifyAsync(message, new TableDns().A(Name, "192.0.2.1"))).Results[0]));
        Assert.Equal("temperror: no answer from DNS for the key", Letter.Said((await Letter.VerifyAsync(message, new TableDns().Silent(Name, "TXT"))).Results[0]));
    }

    [Fact]
    public async Task A_name_that_is_too_long_for_dns_is_not_asked_for()
    {
        var label = new string('a', 60);
        var dns = new TableDns();

        var report = await Letter.VerifyAsync(Letter.Sign(Letter.Text, Letter.Rsa, ("s", $"{label}.{label}.{label}.{label}")), dns);

        Assert.Equal("permerror: the name of the key is no name in DNS", Letter.Said(report.Results[0]));
        Assert.Empty(dns.Questions);
    }

    [Fact]
    public async Task A_record_of_megabytes_is_not_read() =>
        Assert.Equal("permerror: the key cannot be read", await SaidAsync($"n={new string('x', 2_000_000)}; {Public}"));

    private static async Task<string> SaidAsync(string record, string? message = null) => Letter.Said(
        (await Letter.VerifyAsync(message ?? Letter.Sign(Letter.Text, Letter.Rsa), new TableDns().Txt(Name, record))).Results[0]);

    private static byte[] Spki(byte[] modulus, byte[] exponent)
    {
        var key = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (key.PushSequence())
        {
            key.WriteIntegerUnsigned(modulus);
            key.WriteIntegerUnsigned(exponent);
        }

        var info = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (info.PushSequence())
        {
            using (info.PushSequence())
            {
                info.WriteObjectIdentifier("1.2.840.113549.1.1.1");
                info.WriteNull();
            }

            info.WriteBitString(key.Encode());
        }

        return info.Encode();
    }
}
