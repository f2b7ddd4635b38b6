using System.Security.Cryptography;
using System.Text;
using Relay.Mail;
using Relay.Signing;
using Relay.Support;

namespace Relay.Cli.Tests;

/// <summary>Over real DNS on loopback.</summary>
public sealed class CheckMessageTests : IDisposable
{
    private const string Letter =
        "From: a@example.org\r\nTo: b@example.com\r\nSubject: x\r\nDate: Tue, 24 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\nhello\r\n";

    private readonly CommandLine relay = new();

    public void Dispose() => relay.Dispose();

    [Fact]
    public async Task The_answer_for_programs_is_one_line_of_json()
    {
        await using var dns = Dns();
        var signed = await SignAsync(dns, Letter);

        var found = await RunAsync(dns, signed, "--ip", "192.0.2.1", "--helo", "mail.example.org", "--mail-from", "a@example.org", "--json");

        Assert.Equal(
            (ExitCodes.Done, """{"spf":"pass","dkim":["pass"],"arc":"none","dmarc":"pass","action":"none","reasons":[]}""", ""),
            (found.ExitCode, found.Out.TrimEnd(), found.Error));
    }

    [Fact]
    public async Task What_fails_is_told_with_what_the_configuration_does_about_it()
    {
        await using var dns = Dns();
        relay.Environment["Relay__Checks__Dmarc"] = "reject";

        var json = await RunAsync(dns, Letter, "--ip", "203.0.113.9", "--mail-from", "a@example.org", "--helo", "mail.example.org", "--json");
        var text = await RunAsync(dns, Letter, "--ip", "203.0.113.9", "--mail-from", "a@example.org", "--helo", "mail.example.org");

        Assert.Equal(
            """{"spf":"fail","dkim":["none"],"arc":"none","dmarc":"fail","action":"reject","reasons":["no-reverse-dns","spf-fail","dmarc-fail"]}""",
            json.Out.TrimEnd());
        Assert.Contains("action   reject", text.Out);
        Assert.Contains("because  Dmarc: dmarc-fail", text.Out);
        Assert.Contains("reply    550 5.7.26 ", text.Out);
    }

    [Fact]
    public async Task Without_an_address_the_client_is_not_known_and_nothing_is_held_against_it()
    {
        await using var dns = Dns();
        relay.Environment["Relay__Checks__Spf"] = "off";
        relay.Input = () => new MemoryStream(Encoding.ASCII.GetBytes(Letter.Replace("\r\n", "\n")));

        var found = await relay.RunAsync("check", "message", "-", "--dns", dns.EndPoint.ToString(), "--json");

        Assert.StartsWith("""{"spf":"none","dkim":["none"],"arc":"none","dmarc":"fail",""", found.Out);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_named()
    {
        var found = await relay.RunAsync("check", "message", "missing.eml");

        Assert.Equal(ExitCodes.Usage, found.ExitCode);
        Assert.Contains("missing.eml", found.Error);
    }

    private static LoopbackDns Dns() => LoopbackDns.Start()
        .Txt("example.org", "v=spf1 ip4:192.0.2.0/24 -all").Txt("_dmarc.example.org", "v=DMARC1; p=reject")
        .A("mail.example.org", "192.0.2.1").Ptr("192.0.2.1", "mail.example.org");

    private static async Task<string> SignAsync(LoopbackDns dns, string message)
    {
        using var rsa = RSA.Create(2048);
        var key = SigningKey.Parse("example.org", "s1", rsa.ExportPkcs8PrivateKeyPem(), "made here");
        dns.Txt(key.RecordName, key.RecordText);
        var octets = Encoding.ASCII.GetBytes(message);
        var fields = await new DkimSigner([key], TimeProvider.System).SignAsync(MessageHeader.Parse(octets), new MemoryStream(octets), default);
        return Encoding.ASCII.GetString(fields) + message;
    }

    private async Task<CommandLine.Outcome> RunAsync(LoopbackDns dns, string message, params string[] args)
    {
        await File.WriteAllTextAsync(Path.Combine(relay.Folder, "message.eml"), message);
        return await relay.RunAsync(["check", "message", "message.eml", "--dns", dns.EndPoint.ToString(), .. args]);
    }
}
