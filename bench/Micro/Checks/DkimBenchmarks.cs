using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;
using Relay.Checks;
using Relay.Checks.Dkim;
using Relay.Mail;
using Relay.Signing;
using Relay.Support;

namespace Relay.Bench.Checks;

/// <summary>DKIM of a message of 4 KiB, with keys that DNS gives at once.</summary>
[MemoryDiagnoser]
public class DkimBenchmarks
{
    private DkimCheck check = null!;
    private DkimSigner signer = null!;
    private byte[] content = null!;
    private CheckSubject signed = null!;

    /// <summary>The algorithm.</summary>
    [Params(NewKey.Rsa, NewKey.Ed25519)]
    public string Key { get; set; } = "";

    [GlobalSetup]
    public async Task SetupAsync()
    {
        using var secrets = RandomNumberGenerator.Create();
        var (key, _) = new NewKey("example.org", "s", Key, 2048).Make("a benchmark", secrets);
        content = Encoding.ASCII.GetBytes(
            "From: a@example.org\r\nTo: b@example.net\r\nSubject: one\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\n"
            + string.Concat(Enumerable.Repeat("The quick brown fox jumps over the lazy dog, and then some more.\r\n", 60)));
        signer = new DkimSigner([key], TimeProvider.System);
        check = new DkimCheck(new TableDns().Txt(key.RecordName, key.RecordText), TimeProvider.System, TimeSpan.FromSeconds(5));
        byte[] all = [.. await Sign(), .. content];
        signed = new CheckSubject { Header = MessageHeader.Parse(all), Content = new MemoryStream(all) };
    }

    /// <summary>The whole check.</summary>
    [Benchmark]
    public async Task<CheckResult> Verify()
    {
        var result = await check.RunAsync(signed, CancellationToken.None);
        return result.Authentication[0].Result == "pass" ? result : throw new InvalidOperationException(result.Detail);
    }

    /// <summary>All that is put in front of a message.</summary>
    [Benchmark]
    public async Task<byte[]> Sign() => await signer.SignAsync(MessageHeader.Parse(content), new MemoryStream(content), CancellationToken.None);
}
