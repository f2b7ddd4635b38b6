using System.Text;
using Relay.Accounts;

namespace Relay.Tests.Accounts;

/// <summary>The figures of RFC 7677 §3.</summary>
public sealed class ScramSha256Tests
{
    private const string AuthMessage =
        "n=user,r=rOprNGfwEbeRWgbNEkqO,"
        + "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
        + "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

    private static readonly byte[] Proof = Convert.FromBase64String("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");

    private static readonly PasswordKeys Keys = ScramSha256.Derive("pencil", Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);

    [Fact]
    public void The_proof_of_the_example_holds_and_no_other()
    {
        Assert.True(ScramSha256.ProofHolds(Keys, Encoding.UTF8.GetBytes(AuthMessage), Proof));
        Assert.False(ScramSha256.ProofHolds(Keys, Encoding.UTF8.GetBytes(AuthMessage + "0"), Proof));
        Assert.False(ScramSha256.ProofHolds(Keys, Encoding.UTF8.GetBytes(AuthMessage), Proof.AsSpan(0, 31)));
        Assert.False(ScramSha256.ProofHolds(Keys, Encoding.UTF8.GetBytes(AuthMessage), [(byte)(Proof[0] ^ 1), .. Proof.AsSpan(1)]));
    }

    [Fact]
    public void The_signature_of_the_server_is_that_of_the_example() => Assert.Equal(
        "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
        Convert.ToBase64String(ScramSha256.ServerSignature(Keys, Encoding.UTF8.GetBytes(AuthMessage))));

    [Fact]
    public void A_password_holds_for_its_own_keys_only()
    {
        Assert.True(ScramSha256.PasswordHolds(Keys, "pencil"));
        Assert.False(ScramSha256.PasswordHolds(Keys, "Pencil"));
        Assert.False(ScramSha256.PasswordHolds(Keys, ""));
    }
}
