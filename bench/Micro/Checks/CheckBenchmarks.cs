using System.Net;
using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Checks;
using Relay.Dns;
using Relay.Mail;
using Relay.Options;
using Relay.Signing;
using Relay.Support;

namespace Relay.Bench.Checks;

/// <summary>
/// All checks of a message of 4 KiB as they are without configuration, and one list in DNS besides, over the real resolver with a
/// warm cache.
/// </summary>
[MemoryDiagnoser]
public class CheckBenchmarks
{
    private static readonly CheckStage[] Stages = [CheckStage.Connection, CheckStage.Helo, CheckStage.Mail, CheckStage.Content];

    private readonly LoopbackDns dns = LoopbackDns.Start();
    private readonly RelayOptions options = new()
    {
        HostName = "relay.test",
        Data = "",
        DnsLists = [new DnsListOptions { Zone = "bl.test" }],
    };

    private CheckRunner runner = null!;
    private CheckSubject plain = null!;
    private CheckSubject signed = null!;

    [GlobalSetup]
    public async Task PrepareAsync()
    {
        using var rsa = RSA.Create(2048);
        var key = SigningKey.Parse("example.org", "s1", rsa.ExportPkcs8PrivateKeyPem(), "made here");
        dns.Txt(key.RecordName, key.RecordText).Txt("example.org", "v=spf1 mx ip4:198.51.100.0/24 -all").Txt("_dmarc.example.org", "v=DMARC1; p=reject")
            .Mx("example.org", 10, "mail.example.org").A("mail.example.org", "203.0.113.7").Ptr("203.0.113.7", "mail.example.org")
            .A("2.0.0.127.bl.test", "127.0.0.2");
        runner = new CheckRunner(
            CheckSet.Of(options, new DnsResolver(dns.Options, TimeProvider.System), http: null, TimeProvider.System, NullLoggerFactory.Instance),
            options.Checks, TimeProvider.System, NullLogger<CheckRunner>.Instance);
        var signer = new DkimSigner([key], TimeProvider.System);
        var message = Encoding.ASCII.GetBytes(
            "From: App <app@example.org>\r\nTo: b@example.com\r\nSubject: A message\r\nDate: Tue, 24 Nov 2026 12:00:00 +0000\r\n"
            + "Message-ID: <1@example.org>\r\nMIME-Version: 1.0\r\n\r\n" + string.Concat(Enumerable.Repeat(new string('x', 62) + "\r\n", 64)));
        plain = Subject(message);
        signed = Subject([.. await signer.SignAsync(plain.Header!, plain.Content!, default), .. message]);
        Expect("dmarc=pass", await RunAsync(plain));
        Expect("dkim=pass", await RunAsync(signed));
    }

    [GlobalCleanup]
    public ValueTask StopAsync() => dns.DisposeAsync();

    [Benchmark(Description = "all checks, no signature")]
    public Task<IReadOnlyList<CheckResult>> Plain() => RunAsync(plain);

    [Benchmark(Description = "all checks, one RSA-2048 signature")]
    public Task<IReadOnlyList<CheckResult>> Signed() => RunAsync(signed);

    private static CheckSubject Subject(byte[] message) => new()
    {
        ClientAddress = IPAddress.Parse("203.0.113.7"),
        Helo = "mail.example.org",
        ReversePath = new ReversePath(new Mailbox("app", "example.org")),
        Content = new MemoryStream(message, writable: false),
        Header = MessageHeader.Parse(message),
    };

    private static void Expect(string word, IReadOnlyList<CheckResult> results)
    {
        var found = results.SelectMany(result => result.Authentication).Select(result => $"{result.Method}={result.Result}").ToArray();
        if (!found.Contains(word))
        {
            throw new InvalidOperationException($"expected {word}, found {string.Join(' ', found)}");
        }
    }

    private async Task<IReadOnlyList<CheckResult>> RunAsync(CheckSubject subject)
    {
        foreach (var stage in Stages)
        {
            var verdict = await runner.RunAsync(stage, subject, options.Checks.Modes, default);
            subject = subject with { Results = verdict.Results };
        }

        return subject.Results;
    }
}
