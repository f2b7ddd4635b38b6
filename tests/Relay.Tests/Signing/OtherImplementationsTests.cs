using System.Text;
using MimeKit;
using MimeKit.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Security;
using Relay.Mail;
using Relay.Signing;
using Relay.Tests.Checks.Dkim;

namespace Relay.Tests.Signing;

/// <summary>What is signed here holds elsewhere, and what is signed elsewhere holds here. All by the real time: the others know no other.</summary>
public sealed class OtherImplementationsTests
{
    private static readonly string RsaPem = PrivateKeyPem.NewRsa(2048);
    private static readonly byte[] Seed = Convert.FromHexString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    private static readonly SigningKey Rsa = Letter.Key(RsaPem);

    private static readonly string Ed25519Pem =
        $"-----BEGIN PRIVATE KEY-----\n{Convert.ToBase64String([.. Convert.FromHexString("302e020100300506032b657004220420"), .. Seed])}\n-----END PRIVATE KEY-----\n";

    private static readonly SigningKey Ed25519 = Letter.Key(Ed25519Pem, "ed");

    [Fact]
    public async Task Every_message_of_the_mime_suite_that_has_an_author_is_signed_holds_and_stays_as_it_is()
    {
        var count = 0;
        foreach (var (name, content) in MimeSuite.Messages())
        {
            var (signed, keys) = await SignAsync(content);
            var report = await Letter.VerifyAsync(Encoding.Latin1.GetString(signed), Letter.Dns(keys), TimeProvider.System);

            Assert.Equal((name, keys.Length), (name, report.Results.Count));
            Assert.All(report.Results, result => Assert.Equal((name, "pass"), (name, Letter.Said(result))));
            Assert.True(signed.AsSpan().EndsWith(content), name);
            count += keys.Length / 2;
        }

        Assert.True(count >= 35, $"{count} were signed");
    }

    [Fact]
    public async Task Dkimpy_verifies_what_is_signed_here()
    {
        using var dkimpy = new Dkimpy();
        var signed = new List<(string Name, byte[] Content)>();
        var all = new List<SigningKey>();
        foreach (var (name, content) in MimeSuite.Messages().Where(message => IsHeader(message.Content)))
        {
            var (octets, keys) = await SignAsync(content);
            if (keys.Length > 0)
            {
                signed.Add((name, octets));
                all.AddRange(keys);
            }
        }

        Assert.True(signed.Count >= 35, $"{signed.Count} were signed");
        Assert.Equal(signed.Select(message => $"{message.Name} pass pass"), await dkimpy.VerifyAsync(signed, [.. all]));
    }

    [Theory]
    [InlineData("simple", "simple")]
    [InlineData("simple", "relaxed")]
    [InlineData("relaxed", "simple")]
    [InlineData("relaxed", "relaxed")]
    public async Task What_dkimpy_signs_is_verified_here(string header, string body)
    {
        using var dkimpy = new Dkimpy();
        var messages = MimeSuite.Messages().Where(message => IsHeader(message.Content) && MessageHeader.Parse(message.Content).Named("From").Any()).ToArray();

        var signed = await dkimpy.SignAsync(messages, Rsa, RsaPem, header, body);
        signed = await dkimpy.SignAsync(signed, Ed25519, Convert.ToBase64String(Seed), header, body);

        Assert.True(signed.Count >= 35);
        foreach (var (name, content) in signed)
        {
            var report = await Letter.VerifyAsync(Encoding.Latin1.GetString(content), Letter.Dns(Rsa, Ed25519), TimeProvider.System);
            Assert.Equal((name, "pass pass"), (name, string.Join(' ', report.Results.Select(Letter.Said))));
        }
    }

    [Fact]
    public async Task Dkimpy_refuses_a_change_of_what_is_signed_here()
    {
        using var dkimpy = new Dkimpy();
        var (signed, _) = await SignAsync(Encoding.ASCII.GetBytes(Letter.Text));
        Assert.Equal(["a.eml pass pass"], await dkimpy.VerifyAsync([("a.eml", signed)], Rsa, Ed25519));
        var changed = Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(signed).Replace("noon", "ten"));

        Assert.StartsWith(
            "a.eml error ValidationError(\"body hash mismatch", Assert.Single(await dkimpy.VerifyAsync([("a.eml", changed)], Rsa, Ed25519)));
    }

    [Fact]
    public async Task MimeKit_verifies_what_is_signed_here()
    {
        var (signed, _) = await SignAsync(Encoding.ASCII.GetBytes(Letter.Text));
        var message = await MimeMessage.LoadAsync(new MemoryStream(signed));
        var verifier = new MimeKit.Cryptography.DkimVerifier(new Locator(Rsa, Ed25519));
        verifier.Enable(DkimSignatureAlgorithm.Ed25519Sha256);

        foreach (var header in message.Headers.Where(header => header.Id == HeaderId.DkimSignature))
        {
            Assert.True(await verifier.VerifyAsync(message, header));
        }
    }

    [Theory]
    [InlineData(DkimCanonicalizationAlgorithm.Simple)]
    [InlineData(DkimCanonicalizationAlgorithm.Relaxed)]
    public async Task What_MimeKit_signs_is_verified_here(DkimCanonicalizationAlgorithm form)
    {
        var message = await MimeMessage.LoadAsync(new MemoryStream(Encoding.ASCII.GetBytes(Letter.Text)));
        var signer = new MimeKit.Cryptography.DkimSigner(new MemoryStream(Encoding.ASCII.GetBytes(RsaPem)), Rsa.Domain, Rsa.Selector)
        {
            HeaderCanonicalizationAlgorithm = form,
            BodyCanonicalizationAlgorithm = form,
        };
        message.Prepare(EncodingConstraint.SevenBit);
        signer.Sign(message, [HeaderId.From, HeaderId.To, HeaderId.Subject]);
        var octets = new MemoryStream();
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        await message.WriteToAsync(format, octets);

        var report = await Letter.VerifyAsync(Encoding.Latin1.GetString(octets.ToArray()), Letter.Dns(Rsa), TimeProvider.System);

        Assert.Equal("pass", Letter.Said(Assert.Single(report.Results)));
    }

    /// <summary>dkimpy takes no message whose header has a line that is no field.</summary>
    private static bool IsHeader(byte[] content) => MessageHeader.Parse(content).Fields.All(field => field.Name.Length > 0 && !field.Name.Contains(' '));

    /// <summary>The suite is from everywhere: each message is signed with keys of its own author's domain.</summary>
    private static async Task<(byte[] Signed, SigningKey[] Keys)> SignAsync(byte[] content)
    {
        var header = MessageHeader.Parse(content);
        SigningKey[] keys = AuthorDomain.Of(header, out _) is { } author ? [Letter.Key(RsaPem, "sel", author), Letter.Key(Ed25519Pem, "ed", author)] : [];
        var signer = new Relay.Signing.DkimSigner(keys, TimeProvider.System);
        return ([.. await signer.SignAsync(header, new MemoryStream(content), CancellationToken.None), .. content], keys);
    }

    private sealed class Locator(params SigningKey[] keys) : DkimPublicKeyLocatorBase
    {
        public override AsymmetricKeyParameter LocatePublicKey(string methods, string domain, string selector, CancellationToken cancellationToken = default) =>
            GetPublicKey(keys.Single(key => key.Domain == domain && key.Selector == selector).RecordText);

        public override Task<AsymmetricKeyParameter> LocatePublicKeyAsync(string methods, string domain, string selector, CancellationToken cancellationToken = default) =>
            Task.FromResult(LocatePublicKey(methods, domain, selector, cancellationToken));
    }
}
