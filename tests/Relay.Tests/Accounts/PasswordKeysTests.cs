using System.Security.Cryptography;
using System.Text;
using Relay.Accounts;

namespace Relay.Tests.Accounts;

public sealed class PasswordKeysTests
{
    /// <summary>The exchange of RFC 7677 §3: the proof of the client and the signature of the server follow from the keys.</summary>
    [Fact]
    public void The_example_of_RFC_7677_comes_out()
    {
        const string AuthMessage =
            "n=user,r=rOprNGfwEbeRWgbNEkqO," +
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096," +
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        var proof = Convert.FromBase64String("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");

        var keys = ScramSha256.Derive("pencil", Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);

        var signature = HMACSHA256.HashData(keys.StoredKey, Encoding.ASCII.GetBytes(AuthMessage));
        var clientKey = proof.Zip(signature, (a, b) => (byte)(a ^ b)).ToArray();
        Assert.Equal(keys.StoredKey, SHA256.HashData(clientKey));
        Assert.Equal(
            "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
            Convert.ToBase64String(HMACSHA256.HashData(keys.ServerKey, Encoding.ASCII.GetBytes(AuthMessage))));
        Assert.Equal(4096, keys.Iterations);
    }

    [Fact]
    public void A_new_password_is_verified_and_no_other_one_is()
    {
        using var random = RandomNumberGenerator.Create();

        var keys = PasswordKeys.Derive("correct horse", random);

        Assert.Equal(ScramSha256.Iterations, keys.Iterations);
        Assert.InRange(keys.Iterations, 4096, 65_536);
        Assert.True(keys.Verify("correct horse"));
        Assert.False(keys.Verify("correct horse "));
        Assert.False(keys.Verify("Correct horse"));
        Assert.False(keys.Verify(""));
        Assert.False(keys.Verify("correct horse\0"));
    }

    [Fact]
    public void The_salt_comes_from_the_random_source_and_is_16_octets_of_it()
    {
        using var random = new CountingRandom();

        var first = PasswordKeys.Derive("a", random);
        var second = PasswordKeys.Derive("a", random);

        Assert.Equal(Enumerable.Range(0, 16).Select(i => (byte)i), first.Salt);
        Assert.Equal(Enumerable.Range(16, 16).Select(i => (byte)i), second.Salt);
        Assert.NotEqual(first.StoredKey, second.StoredKey);
    }

    [Fact]
    public void A_text_beyond_ascii_counts_as_its_octets()
    {
        using var random = RandomNumberGenerator.Create();

        var keys = PasswordKeys.Derive("Zo\u00eb", random);

        Assert.True(keys.Verify("Zo\u00eb"));
        Assert.False(keys.Verify("Zoe\u0308"));
        Assert.False(keys.Verify("Zoe"));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("a\tb", "has a control character")]
    [InlineData("a\u0085b", "has a control character")]
    public void What_is_no_password_is_refused(string text, string why)
    {
        Assert.Equal(why, Passwords.WhyNot(text));
        using var random = RandomNumberGenerator.Create();
        Assert.Throws<ArgumentException>(() => PasswordKeys.Derive(text, random));
    }

    [Fact]
    public void A_password_may_have_1024_characters_and_no_more()
    {
        Assert.Null(Passwords.WhyNot(new string('x', 1024)));
        Assert.Equal("has more than 1024 characters", Passwords.WhyNot(new string('x', 1025)));
    }

    [Fact]
    public void A_generated_password_uses_each_octet_for_one_of_32_characters()
    {
        using var random = new CountingRandom();

        Assert.Equal("abcdefghijkmnpqrstuvwxyz23", Passwords.Generate(random));
        Assert.Equal("456789abcdefghijkmnpqrstuv", Passwords.Generate(random));
        Assert.Null(Passwords.WhyNot(Passwords.Generate(random)));
    }

    /// <summary>0, 1, 2, …</summary>
    private sealed class CountingRandom : RandomNumberGenerator
    {
        private byte next;

        public override void GetBytes(byte[] data)
        {
            for (var i = 0; i < data.Length; i++)
            {
                data[i] = next++;
            }
        }
    }
}
