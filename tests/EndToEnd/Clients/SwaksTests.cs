using Relay.Support;

namespace Relay.EndToEnd.Clients;

/// <summary>swaks, which shows each step of the dialog.</summary>
public sealed class SwaksTests
{
    [Theory]
    [InlineData("")]
    [InlineData("--pipeline")]
    public async Task Swaks_reaches_our_own_domain_without_tls(string options)
    {
        await using var relay = await ClientRelay.StartAsync();

        await SendAsync(relay, relay.Plain, ClientRelay.OwnRecipient, options);

        Assert.Equal(Letter.CrLf, (await relay.ReceivedAsync("ESMTP")).Content);
    }

    [Theory]
    [InlineData("--tls --auth PLAIN")]
    [InlineData("--tls --auth LOGIN")]
    [InlineData("--tls --auth PLAIN --pipeline")]
    [InlineData("--tls-on-connect --auth PLAIN")]
    [InlineData("--tls-on-connect --auth LOGIN --pipeline")]
    public async Task Swaks_signs_in_over_tls(string options)
    {
        await using var relay = await ClientRelay.StartAsync();
        var port = options.StartsWith("--tls-on", StringComparison.Ordinal) ? relay.Implicit : relay.StartTls;

        await SendAsync(relay, port, ClientRelay.OtherRecipient,
            $"{options} --auth-user {ClientRelay.Account} --auth-password {ClientRelay.Password} --tls-verify --tls-ca-path {relay.CertificateFile}");

        Assert.Equal(Letter.CrLf, (await relay.ReceivedAsync("ESMTPSA")).Content);
    }

    [Fact]
    public async Task Swaks_is_refused_with_a_wrong_password()
    {
        var swaks = Needs.Program("swaks", "Debian's package swaks");
        await using var relay = await ClientRelay.StartAsync();

        var (exitCode, dialog) = await Client.RunAsync(swaks,
        [
            "--server", $"127.0.0.1:{relay.StartTls}", "--to", ClientRelay.OtherRecipient, "--from", ClientRelay.Account,
            "--tls", "--auth", "PLAIN", "--auth-user", ClientRelay.Account, "--auth-password", "wrong",
        ]);

        Assert.NotEqual(0, exitCode);
        Assert.Contains("535 5.7.8 ", dialog);
    }

    private static async Task SendAsync(ClientRelay relay, int port, string to, string options)
    {
        var swaks = Needs.Program("swaks", "Debian's package swaks");
        // It ends the last line itself.
        var letter = await relay.WriteAsync("letter", Letter.CrLf[..^2]);
        await Client.SucceedAsync(swaks,
        [
            "--server", $"127.0.0.1:{port}", "--to", to, "--from", ClientRelay.Account, "--data", $"@{letter}",
            .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        ]);
    }
}
