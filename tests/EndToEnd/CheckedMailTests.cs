using System.Net;
using System.Security.Cryptography;
using System.Text;
using Relay.Checks;
using Relay.Checks.Arc;
using Relay.Checks.Dkim;
using Relay.Dns;
using Relay.Mail;
using Relay.Options;
using Relay.Signing;
using Relay.Status;
using Relay.Support;

namespace Relay.EndToEnd;

/// <summary>A whole relay that checks the mail of strangers, signs its own, and seals what it passes on; over real DNS, into a real server.</summary>
public sealed class CheckedMailTests : IAsyncDisposable
{
    private static readonly byte[] Letter = Encoding.ASCII.GetBytes(
        "From: A <a@example.org>\r\nTo: b@example.com\r\nSubject: hello\r\nDate: Tue, 24 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\nhello\r\n");

    private readonly LoopbackDns dns = LoopbackDns.Start();
    private readonly string keys = Directory.CreateTempSubdirectory("relay-keys-").FullName;

    [Fact]
    public async Task Mail_of_a_stranger_is_checked_and_sealed_and_what_it_signed_still_holds()
    {
        await using var sink = await SmtpSink.StartAsync();
        dns.Txt("example.org", "v=spf1 ip4:127.0.0.1 -all").Txt("_dmarc.example.org", "v=DMARC1; p=reject");
        var author = new DkimSigner([Key("example.org", "author")], TimeProvider.System);
        var signature = await author.SignAsync(MessageHeader.Parse(Letter), new MemoryStream(Letter), default);
        await using var relay = await StrangersAsync(sink, o => o with
        {
            Arc = new ArcOptions { Domain = "relay.test", Selector = "seal", KeyFile = KeyFile("relay.test", "seal") },
        });

        var status = await relay.FinalAsync(await relay.AcceptAsync([.. signature, .. Letter], "a@example.org", "b@example.com"));

        Assert.Equal(RecipientState.Delivered, Assert.Single(status.Recipients).State);
        Assert.Contains(status.Events!, e => e.Kind == StatusEvents.Checked && e.Detail!.Contains("dmarc=pass", StringComparison.Ordinal));
        var came = Assert.Single(sink.Messages()).Content;
        var header = MessageHeader.Parse(came);
        Assert.Equal(["ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results", "Authentication-Results"], header.Fields.Take(4).Select(f => f.Name));
        Assert.Contains("dkim=pass", Assert.Single(header.Named("Authentication-Results")).Value);
        Assert.Equal("pass", await FindAsync(new ArcCheck(Resolver, TimeProvider.System), came, "arc"));
        Assert.Equal("pass", await FindAsync(new DkimCheck(Resolver, TimeProvider.System, TimeSpan.FromSeconds(5)), came, "dkim"));
        Assert.EndsWith(Encoding.ASCII.GetString([.. signature, .. Letter]), Encoding.ASCII.GetString(came));
    }

    [Fact]
    public async Task Mail_of_our_own_leaves_signed_and_otherwise_as_it_came()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var relay = await WholeRelay.StartAsync(o => o with
        {
            Dns = dns.Options,
            Routes = [WholeRelay.Smarthost(sink.Port)],
            Dkim = [new DkimOptions { Domain = "example.org", Selector = "s1", KeyFile = KeyFile("example.org", "s1") }],
        });

        await relay.FinalAsync(await relay.AcceptAsync(Letter, "a@example.org", "b@example.net"));

        var came = Assert.Single(sink.Messages()).Content;
        Assert.Equal("pass", await FindAsync(new DkimCheck(Resolver, TimeProvider.System, TimeSpan.FromSeconds(5)), came, "dkim"));
        Assert.True(MessageHeader.Parse(came).Fields[0].Is("DKIM-Signature"));
        Assert.EndsWith(Encoding.ASCII.GetString(Letter), Encoding.ASCII.GetString(came));
    }

    [Theory]
    [InlineData(CheckPlace.Session)]
    [InlineData(CheckPlace.Queue)]
    public async Task What_is_quarantined_is_kept_with_its_reason(CheckPlace place)
    {
        await using var sink = await SmtpSink.StartAsync();
        dns.Txt("example.org", "v=spf1 -all");
        await using var relay = await StrangersAsync(sink, o => o with
        {
            Checks = new CheckOptions { Place = place, Modes = CheckModes.Default.With(CheckName.Spf, CheckAction.Quarantine) },
        });

        var id = await relay.AcceptAsync(Letter, "a@example.org", "b@example.com");
        var status = await relay.FinalAsync(id);

        var recipient = Assert.Single(status.Recipients);
        Assert.Equal((RecipientState.Quarantined, "spf-fail"), (recipient.State, recipient.Reason));
        Assert.Contains("spf=fail", Encoding.ASCII.GetString(await relay.ContentAsync(id)));
        Assert.Empty(sink.Messages());
    }

    [Fact]
    public async Task What_the_queue_refuses_is_rejected_and_a_forged_sender_hears_nothing()
    {
        await using var sink = await SmtpSink.StartAsync();
        dns.Txt("example.org", "v=spf1 -all");
        await using var relay = await StrangersAsync(sink, o => o with
        {
            Checks = new CheckOptions { Place = CheckPlace.Queue, Modes = CheckModes.Default.With(CheckName.Spf, CheckAction.Reject) },
        });

        var status = await relay.FinalAsync(await relay.AcceptAsync(Letter, "a@example.org", "b@example.com"));

        Assert.Equal((RecipientState.Rejected, "spf-fail"), (status.Recipients[0].State, status.Recipients[0].Reason));
        Assert.Contains(status.Events!, e => e.Kind == StatusEvents.NotNotified);
        Assert.Empty(sink.Messages());
    }

    [Fact]
    public async Task A_refusal_in_the_session_leaves_nothing_behind()
    {
        await using var sink = await SmtpSink.StartAsync();
        dns.Txt("_dmarc.example.org", "v=DMARC1; p=reject").Txt("example.org", "v=spf1 -all");
        await using var relay = await StrangersAsync(sink, o => o with
        {
            Checks = new CheckOptions { Modes = CheckModes.Default.With(CheckName.Dmarc, CheckAction.Reject) },
        });

        var reply = await relay.SubmitAsync(Letter, "a@example.org", "b@example.com");

        Assert.StartsWith("550 5.7.", reply);
        Assert.Empty((await relay.SearchAsync(new StatusQuery())).Messages);
    }

    public async ValueTask DisposeAsync()
    {
        await dns.DisposeAsync();
        Directory.Delete(keys, recursive: true);
    }

    private DnsResolver Resolver => new(dns.Options, TimeProvider.System);

    private static async Task<string?> FindAsync(ICheck check, byte[] message, string method)
    {
        var result = await check.RunAsync(
            new CheckSubject { Content = new MemoryStream(message), Header = MessageHeader.Parse(message) }, default);
        return Assert.Single(result.Authentication, found => found.Method == method).Result;
    }

    /// <summary>A relay for example.com to which everybody is a stranger.</summary>
    private Task<WholeRelay> StrangersAsync(SmtpSink sink, Func<RelayOptions, RelayOptions> configure) => WholeRelay.StartAsync(o => configure(o with
    {
        Dns = dns.Options,
        Smtp = o.Smtp with { TrustedNetworks = [IPNetwork.Parse("192.0.2.0/24")] },
        Domains = [new DomainOptions { Name = "example.com" }],
        Routes = [WholeRelay.Smarthost(sink.Port)],
    }));

    private SigningKey Key(string domain, string selector) =>
        SigningKey.Parse(domain, selector, File.ReadAllText(KeyFile(domain, selector)), "made here");

    /// <summary>A new key in a file, with its record in DNS.</summary>
    private string KeyFile(string domain, string selector)
    {
        var file = Path.Combine(keys, $"{selector}.pem");
        using var rsa = RSA.Create(2048);
        File.WriteAllText(file, rsa.ExportPkcs8PrivateKeyPem());
        var key = SigningKey.Parse(domain, selector, File.ReadAllText(file), file);
        dns.Txt(key.RecordName, key.RecordText);
        return file;
    }
}
