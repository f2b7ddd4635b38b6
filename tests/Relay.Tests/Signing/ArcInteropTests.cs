using System.Diagnostics;
using System.Text;
using MimeKit;
using MimeKit.Cryptography;
using Org.BouncyCastle.Crypto;
using Relay.Checks.Arc;
using Relay.Signing;
using Relay.Support;
using Relay.Tests.Checks.Arc;

namespace Relay.Tests.Signing;

/// <summary>Seals of others against our check, and ours against theirs.</summary>
public sealed class ArcInteropTests
{
    private const string Python = "/usr/bin/python3";

    private const string Verify = """
        import sys, dkim
        keys = dict(zip(sys.argv[1::2], sys.argv[2::2]))
        cv, results, reason = dkim.arc_verify(sys.stdin.buffer.read(), dnsfunc=lambda name, timeout=5: keys.get(name.decode().rstrip('.').lower(), '').encode())
        print(cv.decode() if cv else cv, reason, *[r['ams-valid'] for r in results])
        """;

    private const string Seal = """
        import sys, dkim
        message = sys.stdin.buffer.read()
        fields = dkim.arc_sign(message, b's1', sys.argv[1].encode(), sys.argv[2].encode(), sys.argv[3].encode(), timestamp=sys.argv[4])
        sys.stdout.buffer.write(b''.join(fields) + message)
        """;

    private readonly TableDns dns = new();
    private readonly Dictionary<string, string> keys = [];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task MimeKit_verifies_what_we_seal(int hops)
    {
        var message = await ForwardedAsync(hops);
        Assert.Equal(ArcSignatureValidationResult.Pass, await MimeKitAsync(message));

        Assert.Equal(ArcSignatureValidationResult.Fail, await MimeKitAsync(ArcRelay.Replace(message, "this is a test", "this is a trap")));
    }

    [Fact]
    public async Task We_verify_what_MimeKit_seals()
    {
        var message = await ForwardedAsync(1);
        byte[] checkedThere = [.. "Authentication-Results: mx.b.example; arc=pass\r\n"u8, .. message];
        var parsed = await MimeMessage.LoadAsync(new MemoryStream(checkedThere), TestContext.Current.CancellationToken);
        var sealer = new OtherSealer(Known("b.example"));
        sealer.Sign(parsed, [HeaderId.From, HeaderId.To, HeaderId.Subject, HeaderId.Date], TestContext.Current.CancellationToken);
        var sealedThere = new MemoryStream();
        parsed.WriteTo(FormatOptions.Default, sealedThere, TestContext.Current.CancellationToken);
        var dos = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(sealedThere.ToArray()).ReplaceLineEndings("\r\n"));

        var chain = (await ArcRelay.CheckAsync(dos, dns)).Chain;

        Assert.Equal((ArcStatus.Pass, null, "b.example"), (chain.Status, chain.Cause, chain.Sealer));
        Assert.Equal(ArcSignatureValidationResult.Pass, await MimeKitAsync(dos));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Dkimpy_verifies_what_we_seal(int hops)
    {
        NeedsDkimpy();
        var message = await ForwardedAsync(hops);

        Assert.Equal($"pass success{string.Concat(Enumerable.Repeat(" True", hops))}\n", await RunAsync(Verify, message, Keys()));
        Assert.StartsWith("fail ", await RunAsync(Verify, ArcRelay.Replace(message, "this is a test", "this is a trap"), Keys()));
    }

    [Fact]
    public async Task We_verify_what_dkimpy_seals_and_carry_it_on()
    {
        NeedsDkimpy();
        Known("b.example");
        var message = await ForwardedAsync(1);
        byte[] checkedThere = [.. "Authentication-Results: mx.b.example; arc=pass\r\n"u8, .. message];

        var sealedThere = Encoding.Latin1.GetBytes(await RunAsync(Seal, checkedThere, ["b.example", ArcRelay.Pem, "mx.b.example", $"{ArcRelay.Now.ToUnixTimeSeconds()}"]));
        var chain = (await ArcRelay.CheckAsync(sealedThere, dns)).Chain;
        Assert.Equal((ArcStatus.Pass, null, "b.example", 0), (chain.Status, chain.Cause, chain.Sealer, chain.OldestPass));

        var onwards = await Hop("c.example").ForwardAsync(sealedThere);
        Assert.Equal("pass success True True True\n", await RunAsync(Verify, onwards, Keys()));
    }

    private static void NeedsDkimpy()
    {
        Needs.File("/usr/lib/python3/dist-packages/dkim/__init__.py", "python3-dkim");
        Needs.File("/usr/lib/python3/dist-packages/authres/__init__.py", "python3-authres");
    }

    private static async Task<string> RunAsync(string script, byte[] input, string[] arguments)
    {
        var start = new ProcessStartInfo(Python, ["-c", script, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.Latin1,
        };
        using var python = Process.Start(start)!;
        var output = python.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await python.StandardInput.BaseStream.WriteAsync(input, TestContext.Current.CancellationToken);
        python.StandardInput.Close();
        await python.WaitForExitAsync(TestContext.Current.CancellationToken);
        return await output;
    }

    private string[] Keys() => [.. keys.SelectMany(key => new[] { key.Key, key.Value })];

    private SigningKey Known(string domain)
    {
        var key = ArcRelay.KeyOf(domain);
        keys[key.RecordName] = key.RecordText;
        dns.Txt(key.RecordName, key.RecordText);
        return key;
    }

    private ArcRelay Hop(string domain)
    {
        Known(domain);
        return new ArcRelay(domain, dns);
    }

    private async Task<byte[]> ForwardedAsync(int hops)
    {
        var message = await ArcRelay.SignedAsync(dns);
        for (var i = 0; i < hops; i++)
        {
            message = await Hop($"{(char)('p' + i)}.example").ForwardAsync(message);
        }

        return message;
    }

    private async Task<ArcSignatureValidationResult> MimeKitAsync(byte[] message)
    {
        var parsed = await MimeMessage.LoadAsync(new MemoryStream(message), TestContext.Current.CancellationToken);
        return (await new MimeKit.Cryptography.ArcVerifier(new Locator(keys)).VerifyAsync(parsed, TestContext.Current.CancellationToken)).Chain;
    }

    private sealed class Locator(Dictionary<string, string> keys) : DkimPublicKeyLocatorBase
    {
        public override AsymmetricKeyParameter LocatePublicKey(string methods, string domain, string selector, CancellationToken cancellationToken = default) =>
            GetPublicKey(keys[$"{selector}._domainkey.{domain}"]);

        public override Task<AsymmetricKeyParameter> LocatePublicKeyAsync(string methods, string domain, string selector, CancellationToken cancellationToken = default) =>
            Task.FromResult(LocatePublicKey(methods, domain, selector, cancellationToken));
    }

    private sealed class OtherSealer(SigningKey key)
        : MimeKit.Cryptography.ArcSigner(new MemoryStream(Encoding.ASCII.GetBytes(ArcRelay.Pem)), key.Domain, key.Selector)
    {
        protected override long GetTimestamp() => ArcRelay.Now.ToUnixTimeSeconds();

        protected override AuthenticationResults GenerateArcAuthenticationResults(FormatOptions options, MimeMessage message, CancellationToken cancellationToken)
        {
            var results = new AuthenticationResults("mx.b.example");
            results.Results.Add(new AuthenticationMethodResult("arc", "pass"));
            return results;
        }

        protected override Task<AuthenticationResults> GenerateArcAuthenticationResultsAsync(FormatOptions options, MimeMessage message, CancellationToken cancellationToken) =>
            Task.FromResult(GenerateArcAuthenticationResults(options, message, cancellationToken));
    }
}
