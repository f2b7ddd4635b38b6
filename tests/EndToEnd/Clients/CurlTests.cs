using Relay.Support;

namespace Relay.EndToEnd.Clients;

/// <summary>curl, which is in every script.</summary>
public sealed class CurlTests
{
    [Theory]
    [InlineData("smtp", "PLAIN")]
    [InlineData("smtp", "LOGIN")]
    [InlineData("smtps", "PLAIN")]
    [InlineData("smtps", "LOGIN")]
    public async Task Curl_signs_in_over_tls(string scheme, string mechanism)
    {
        await using var relay = await ClientRelay.StartAsync();

        await SendAsync(
            relay, $"{scheme}://localhost:{(scheme == "smtp" ? relay.StartTls : relay.Implicit)}", ClientRelay.OtherRecipient,
            "--ssl-reqd", "--cacert", relay.CertificateFile,
            "--user", $"{ClientRelay.Account}:{ClientRelay.Password}", "--login-options", $"AUTH={mechanism}");

        Assert.Equal(Letter.CrLf, (await relay.ReceivedAsync("ESMTPSA")).Content);
    }

    [Fact]
    public async Task Curl_reaches_our_own_domain_without_tls()
    {
        await using var relay = await ClientRelay.StartAsync();

        await SendAsync(relay, $"smtp://127.0.0.1:{relay.Plain}", ClientRelay.OwnRecipient);

        Assert.Equal(Letter.CrLf, (await relay.ReceivedAsync("ESMTP")).Content);
    }

    private static async Task SendAsync(ClientRelay relay, string url, string to, params string[] options)
    {
        var curl = Needs.Program("curl", "Debian's package curl");
        var letter = await relay.WriteAsync("letter", Letter.CrLf);
        await Client.SucceedAsync(curl,
        [
            "--silent", "--show-error", "--ipv4", "--url", url, "--mail-from", ClientRelay.Account, "--mail-rcpt", to,
            "--upload-file", letter, .. options,
        ]);
    }
}
