using Relay.Support;

namespace Relay.EndToEnd.Clients;

/// <summary>msmtp, which many machines have for a sendmail.</summary>
public sealed class MsmtpTests
{
    [Theory]
    [InlineData("plain", true)]
    [InlineData("login", true)]
    [InlineData("scram-sha-256", true)]
    [InlineData("plain", false)]
    [InlineData("scram-sha-256", false)]
    public async Task Msmtp_signs_in_over_tls(string mechanism, bool startTls)
    {
        var msmtp = Needs.Program("msmtp", "Debian's package msmtp");
        var version = await Client.SucceedAsync(msmtp, ["--version"]);
        Assert.SkipUnless(version.Contains($" {mechanism} ") || version.Contains($"\n{mechanism} "), $"this msmtp has no {mechanism}");
        await using var relay = await ClientRelay.StartAsync();

        await Client.SucceedAsync(
            msmtp,
            [
                "--host=127.0.0.1", $"--port={(startTls ? relay.StartTls : relay.Implicit)}",
                "--tls=on", $"--tls-starttls={(startTls ? "on" : "off")}", $"--tls-trust-file={relay.CertificateFile}",
                "--tls-host-override=localhost",
                $"--auth={mechanism}", $"--user={ClientRelay.Account}", "--passwordeval=printenv MSMTP_PASSWORD",
                $"--from={ClientRelay.Account}", "--set-from-header=off", "--set-date-header=off", ClientRelay.OtherRecipient,
            ],
            Letter.Lf,
            ("MSMTP_PASSWORD", ClientRelay.Password));

        Assert.Equal(Letter.CrLf, (await relay.ReceivedAsync("ESMTPSA")).Content);
    }
}
