using System.Diagnostics;
using Relay.Support;

namespace Relay.EndToEnd.Clients;

/// <summary><c>openssl s_client</c>, with a conversation by hand: both versions of TLS, both ways to begin it.</summary>
public sealed class OpenSslTests
{
    [Theory]
    [InlineData("TLSv1.2", "-tls1_2", true)]
    [InlineData("TLSv1.3", "-tls1_3", true)]
    [InlineData("TLSv1.2", "-tls1_2", false)]
    [InlineData("TLSv1.3", "-tls1_3", false)]
    public async Task OpenSsl_signs_in_over_each_version_of_tls(string version, string option, bool startTls)
    {
        await using var relay = await ClientRelay.StartAsync();
        using var client = Start(relay, startTls, option);

        if (!startTls)
        {
            Assert.StartsWith("220 ", await ReplyAsync(client));
        }

        Assert.StartsWith("250 ", await SayAsync(client, "EHLO client.test"));
        var secret = Convert.ToBase64String(Letter.Latin1($"\0{ClientRelay.Account}\0{ClientRelay.Password}"));
        Assert.StartsWith("235 ", await SayAsync(client, $"AUTH PLAIN {secret}"));
        Assert.StartsWith("250 ", await SayAsync(client, $"MAIL FROM:<{ClientRelay.Account}>"));
        Assert.StartsWith("250 ", await SayAsync(client, $"RCPT TO:<{ClientRelay.OtherRecipient}>"));
        Assert.StartsWith("354 ", await SayAsync(client, "DATA"));
        Assert.StartsWith("250 ", await SayAsync(client, Letter.Stuffed + "."));
        Assert.StartsWith("221 ", await SayAsync(client, "QUIT"));
        await client.WaitForExitAsync();

        var mail = await relay.ReceivedAsync("ESMTPSA");
        Assert.Equal(Letter.CrLf, mail.Content);
        Assert.StartsWith(version, mail.Status.Origin.Tls);
    }

    [Theory]
    [InlineData("-tls1_1", true)]
    [InlineData("-tls1_1", false)]
    public async Task OpenSsl_gets_no_older_version(string option, bool startTls)
    {
        await using var relay = await ClientRelay.StartAsync();

        // Its own level of security would forbid it before the relay can.
        using var client = Start(relay, startTls, option, "-cipher", "DEFAULT@SECLEVEL=0");
        client.StandardInput.Close();
        await client.WaitForExitAsync();

        Assert.NotEqual(0, client.ExitCode);
        Assert.Contains("alert protocol version", await client.StandardError.ReadToEndAsync());
    }

    private static Process Start(ClientRelay relay, bool startTls, params string[] options) => Client.Start(
        Needs.Program("openssl", "Debian's package openssl"),
        [
            "s_client", "-quiet", "-CAfile", relay.CertificateFile, "-verify_return_error", "-verify_hostname", "localhost",
            "-connect", $"127.0.0.1:{(startTls ? relay.StartTls : relay.Implicit)}",
            .. startTls ? new[] { "-starttls", "smtp" } : [],
            .. options,
        ]);

    private static async Task<string> SayAsync(Process client, string line)
    {
        await client.StandardInput.WriteAsync(line + "\r\n");
        await client.StandardInput.FlushAsync();
        return await ReplyAsync(client);
    }

    /// <summary>The last line of a reply; empty at the end.</summary>
    private static async Task<string> ReplyAsync(Process client)
    {
        string? line;
        do
        {
            line = await client.StandardOutput.ReadLineAsync();
        }
        while (line is { Length: > 3 } && line[3] == '-');

        return line ?? "";
    }
}
