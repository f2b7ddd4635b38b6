using System.Security.Cryptography;
using System.Text;
using Relay.Checks.Arc;
using Relay.Mail;
using Relay.Options;
using Relay.Signing;
using Relay.Support;
using Relay.Tests.Checks.Arc;

namespace Relay.Tests.Signing;

public sealed class ArcSealerTests
{
    private const string Own = "Authentication-Results: mx.a.example; spf=pass smtp.mailfrom=x@author.example; arc=none\r\n";

    private readonly TableDns dns = new();
    private readonly ArcRelay hop;

    public ArcSealerTests() => hop = ArcRelay.Known("a.example", dns);

    [Fact]
    public async Task A_set_is_three_fields_with_the_instance_first()
    {
        var set = await ArcRelay.SealAsync(hop.Sealer, Content(Own));

        var fields = MessageHeader.Parse(set).Fields;
        Assert.Equal(["ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results"], fields.Select(field => field.Name));
        Assert.Matches(@"^i=1; a=rsa-sha256; d=a\.example; s=s1; t=1772600767; cv=none;\s+b=[A-Za-z0-9+/=\s]+$", fields[0].Value);
        Assert.Matches(@"^i=1; a=rsa-sha256; d=a\.example; s=s1; t=1772600767;\s+c=relaxed/relaxed; h=From:From:[\w:\s-]+;\s+bh=[A-Za-z0-9+/=]+;\s+b=[A-Za-z0-9+/=\s]+$", fields[1].Value);
        Assert.Equal("i=1; mx.a.example;\tspf=pass smtp.mailfrom=x@author.example;\tarc=none", fields[2].Value);
        Assert.All(Encoding.ASCII.GetString(set).Split("\r\n"), line => Assert.InRange(line.Length, 0, 78));
    }

    [Fact]
    public async Task All_fields_of_our_own_become_one()
    {
        var set = await ArcRelay.SealAsync(hop.Sealer, Content(
            "Authentication-Results: MX.a.example; spf=pass\r\n\tsmtp.mailfrom=\"a;b\"\r\nReceived-SPF: pass\r\n" +
            "Authentication-Results: other.example; spf=fail\r\nAuthentication-Results: mx.a.example; none\r\n" +
            "Authentication-Results: mx.a.example; arc=none (so; be it); dkim=none\r\n"));

        Assert.EndsWith(
            "ARC-Authentication-Results: i=1; mx.a.example;\r\n\tspf=pass\r\n\tsmtp.mailfrom=\"a;b\";\r\n\tarc=none (so; be it);\r\n\tdkim=none\r\n",
            Encoding.ASCII.GetString(set));
    }

    [Fact]
    public async Task Mail_of_which_nothing_was_found_is_sealed_all_the_same() => Assert.EndsWith(
        "i=1; mx.a.example;\r\n\tnone\r\n", Encoding.ASCII.GetString(await ArcRelay.SealAsync(hop.Sealer, Content("Authentication-Results: mx.a.example; none\r\n"))));

    [Theory]
    [InlineData("")]
    [InlineData("Authentication-Results: other.example; arc=none\r\n")]
    [InlineData("Authentication-Results: mx.a.example; arc=temperror\r\n")]
    [InlineData("Authentication-Results: mx.a.example; arc=pass\r\n")]
    [InlineData("Authentication-Results: mx.a.example; arc=fail\r\n")]
    [InlineData("Authentication-Results: mx.a.example; arc=none\r\nAuthentication-Results: mx.a.example; arc=pass\r\n")]
    public async Task What_we_have_not_judged_is_not_sealed(string fields) => Assert.Empty(await ArcRelay.SealAsync(hop.Sealer, Content(fields)));

    [Fact]
    public async Task What_a_client_says_in_our_name_is_not_sealed()
    {
        byte[] content = [.. "Received: by mx.a.example; Wed, 04 Mar 2026 05:06:07 +0000\r\n"u8, .. Encoding.ASCII.GetBytes(Own), .. ArcRelay.Message];
        Assert.Empty(await ArcRelay.SealAsync(hop.Sealer, content));

        byte[] both = [.. "Authentication-Results: mx.a.example; spf=fail\r\n"u8, .. content];
        Assert.EndsWith("i=1; mx.a.example;\r\n\tspf=fail\r\n", Encoding.ASCII.GetString(await ArcRelay.SealAsync(hop.Sealer, both)));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("temperror")]
    [InlineData(null)]
    public async Task A_chain_that_nobody_judged_is_left_as_it_is(string? arc)
    {
        var message = await hop.ForwardAsync(ArcRelay.Message);
        var own = $"Authentication-Results: mx.a.example; spf=pass{(arc is null ? "" : $"; arc={arc}")}\r\n";

        Assert.Empty(await ArcRelay.SealAsync(hop.Sealer, [.. Encoding.ASCII.GetBytes(own), .. message]));
    }

    [Fact]
    public async Task A_chain_that_is_none_is_not_sealed_as_one_that_passed()
    {
        var message = await hop.ForwardAsync(await hop.ForwardAsync(ArcRelay.Message));
        var broken = ArcRelay.Without(message, field => field.Is(ArcSet.SealName) && ArcRelay.IsOf(field, 1));

        Assert.Empty(await ArcRelay.SealAsync(hop.Sealer, [.. "Authentication-Results: mx.a.example; arc=pass\r\n"u8, .. broken]));
    }

    [Fact]
    public async Task A_chain_that_has_failed_gets_one_seal_over_that_set_alone_and_no_more()
    {
        var message = ArcRelay.Replace(await hop.ForwardAsync(ArcRelay.Message), "Subject: Hello", "Subject: Hullo");

        var failed = await hop.ForwardAsync(message);

        var header = MessageHeader.Parse(failed);
        Assert.StartsWith("i=2; a=rsa-sha256; d=a.example; s=s1; t=1772600767; cv=fail;", header.Fields[0].Value);
        var own = ArcRelay.Without(failed, field => ArcRelay.IsOf(field, 1));
        Assert.True(IsSealedAlone(MessageHeader.Parse(own)));

        var result = await ArcRelay.CheckAsync(failed, dns);
        Assert.Equal((ArcStatus.Fail, "the newest seal says so", 0), (result.Chain.Status, result.Chain.Cause, result.Lookups));
        Assert.Equal("Authentication-Results", MessageHeader.Parse(await hop.ForwardAsync(failed)).Fields[0].Name);
    }

    [Fact]
    public async Task A_chain_that_cannot_be_put_together_is_sealed_as_failed()
    {
        var message = await hop.ForwardAsync(await hop.ForwardAsync(ArcRelay.Message));
        var broken = ArcRelay.Without(message, field => field.Is(ArcSet.SealName) && ArcRelay.IsOf(field, 1));

        var failed = await hop.ForwardAsync(broken);

        Assert.StartsWith("i=3; a=rsa-sha256; d=a.example; s=s1; t=1772600767; cv=fail;", MessageHeader.Parse(failed).Fields[0].Value);
    }

    [Fact]
    public async Task Signatures_of_DKIM_are_signed_with_the_message_and_results_are_not()
    {
        var message = await hop.ForwardAsync(await ArcRelay.SignedAsync(dns));

        var names = MessageHeader.Parse(message).Named(ArcSet.SignatureName).Single().Value;
        Assert.Contains("DKIM-Signature;", names);
        Assert.DoesNotContain("Authentication-Results", names);
        Assert.DoesNotContain("ARC-", names);

        Assert.Equal(ArcStatus.Pass, (await ArcRelay.CheckAsync(ArcRelay.Without(message, field => field.Is("Authentication-Results")), dns)).Chain.Status);
        Assert.Equal(ArcStatus.Fail, (await ArcRelay.CheckAsync(ArcRelay.Without(message, field => field.Is("DKIM-Signature")), dns)).Chain.Status);
    }

    [Fact]
    public async Task A_header_that_is_too_long_is_not_sealed() => Assert.Empty(await ArcRelay.SealAsync(
        hop.Sealer, Content(Own + string.Concat(Enumerable.Repeat("X-Filler: x\r\n", 2500)))));

    [Fact]
    public async Task Without_a_domain_nothing_is_sealed()
    {
        var sealer = await ArcSealer.OpenAsync(new ArcOptions { TrustedSealers = ["b.example"] }, "mx.a.example", TimeProvider.System, default);

        Assert.False(sealer.Seals);
        Assert.Empty(await ArcRelay.SealAsync(sealer, Content(Own)));
    }

    [Fact]
    public async Task The_key_is_read_from_its_file()
    {
        var file = Path.Combine(Path.GetTempPath(), $"relay-arc-{Guid.NewGuid():N}.pem");
        await File.WriteAllTextAsync(file, ArcRelay.Pem, TestContext.Current.CancellationToken);
        try
        {
            var sealer = await ArcSealer.OpenAsync(OptionsOf(file), "mx.a.example", TimeProvider.System, default);

            Assert.True(sealer.Seals);
            byte[] content = Content(Own);
            byte[] message = [.. await ArcRelay.SealAsync(sealer, content), .. content];
            Assert.Contains("d=a.example; s=s1;", Encoding.ASCII.GetString(message));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_key_that_cannot_be_had_is_told_in_one_line()
    {
        var fault = await Assert.ThrowsAsync<SigningKeyException>(() =>
            ArcSealer.OpenAsync(OptionsOf("/nowhere/arc.pem"), "mx.a.example", TimeProvider.System, default));

        Assert.Contains("/nowhere/arc.pem", fault.Message);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public void ARC_has_no_Ed25519_keys()
    {
        using var random = RandomNumberGenerator.Create();
        var key = SigningKey.Parse("a.example", "s1", PrivateKeyPem.NewEd25519(random), "test");

        var fault = Assert.Throws<SigningKeyException>(() => new ArcSealer(key, "mx.a.example", TimeProvider.System));

        Assert.Contains("Ed25519", fault.Message);
    }

    private static ArcOptions OptionsOf(string file) => new() { Domain = "a.example", Selector = "s1", KeyFile = file };

    private static byte[] Content(string fields) => [.. Encoding.ASCII.GetBytes(fields), .. ArcRelay.Message];

    private static bool IsSealedAlone(MessageHeader header)
    {
        var (seal, signature, results) = (header.Fields[0], header.Fields[1], header.Fields[2]);
        using var rsa = RSA.Create();
        rsa.ImportFromPem(ArcRelay.Pem);
        return rsa.VerifyHash(
            ArcSeal.Hash([], results, signature, seal), ArcSeal.Read(seal, out _)!.Signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }
}
