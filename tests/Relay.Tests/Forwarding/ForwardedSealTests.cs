using System.Security.Cryptography;
using System.Text;
using Relay.Mail;
using Relay.Signing;
using Relay.Spool;
using Relay.Tests.Delivery;
using Relay.Tests.Signing;

namespace Relay.Tests.Forwarding;

/// <summary>What hosts after us see of mail that was sent on, by the eyes of dkimpy: the author's signature holds, and our seal does.</summary>
public sealed class ForwardedSealTests : IAsyncDisposable
{
    private const string Letter =
        "From: Ann <ann@author.example>\r\nTo: info@example.org\r\nSubject: Hello\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\n" +
        "Message-ID: <1@author.example>\r\n\r\nHey,\r\n  this is a test.\r\n\r\n";

    private const string Found = "Authentication-Results: relay.test;\r\n\tdkim=pass header.d=author.example;\r\n\tarc=none\r\n";
    private readonly StepHarness relay = new();
    private readonly SigningKey author = Key("author.example");
    private readonly SigningKey seal = Key("relay.test");

    [Fact]
    public async Task Mail_of_a_stranger_is_sealed_and_its_signature_holds()
    {
        var message = await SentOnAsync(Found);

        using var dkimpy = new Dkimpy();
        Assert.Equal(["a.eml pass"], await dkimpy.VerifyAsync([("a.eml", message)], author));
        Assert.Equal(["a.eml pass"], await dkimpy.VerifyChainsAsync([("a.eml", message)], seal));
        Assert.StartsWith("ARC-Seal: i=1; ", Encoding.ASCII.GetString(message), StringComparison.Ordinal);
        Assert.Contains("dkim=pass header.d=author.example", Assert.Single(MessageHeader.Parse(message).Named("ARC-Authentication-Results")).Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_came_below_our_own_fields_is_not_taken_for_our_results()
    {
        var message = await SentOnAsync("", forged: Found);

        Assert.StartsWith("Received: by relay.test", Encoding.ASCII.GetString(message), StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync() => relay.DisposeAsync();

    private static SigningKey Key(string domain) => SigningKey.Parse(domain, "s1", RSA.Create(2048).ExportPkcs8PrivateKeyPem(), "made here");

    /// <summary>What leaves for the target of an alias.</summary>
    /// <param name="found">What our checks have put on top.</param>
    /// <param name="forged">What the stranger has put there.</param>
    private async Task<byte[]> SentOnAsync(string found, string forged = "")
    {
        var text = Encoding.ASCII.GetBytes(Letter);
        var signature = Encoding.ASCII.GetString(
            await new DkimSigner([author], relay.Time).SignAsync(MessageHeader.Parse(text), new MemoryStream(text), default));
        relay.Addresses.Alias("info@example.org", "a@example.net");
        await relay.AcceptAsync(forged + signature + Letter, new Envelope
        {
            ReversePath = new ReversePath(new Mailbox("ann", "author.example")),
            Recipients = [new ForwardPath(new Mailbox("info", "example.org"))],
        }, new IntakeVerdict { Head = found.Length > 0 ? new ContentHead(0, Encoding.ASCII.GetBytes(found)) : null });
        await relay.RunAsync(WorkQueue.Accepted);
        var child = Assert.Single(await relay.PeekAsync(WorkQueue.Accepted)).Work;

        await using var stored = await relay.Spool.OpenContentAsync(child.Message, default);
        var fields = await new OutboundFields(DkimSigner.None, new ArcSealer(seal, "relay.test", relay.Time)).OfAsync(child.Origin, stored!, default);
        using var whole = new MemoryStream();
        whole.Write(fields);
        await stored!.CopyToAsync(whole);
        return whole.ToArray();
    }
}
