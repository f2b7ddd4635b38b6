using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Relay.Support;

namespace Relay.Cli.Tests;

/// <summary>A whole relay, driven by its own commands.</summary>
public sealed partial class ServeTests : IDisposable
{
    private readonly CommandLine relay = new();

    public void Dispose() => relay.Dispose();

    [Fact]
    public async Task A_message_goes_in_and_its_status_and_content_come_out()
    {
        await using var serve = await RunningRelay.StartAsync(relay);
        relay.Input = () => new MemoryStream(Encoding.ASCII.GetBytes("Subject: A Test\n\nHello\n.\nend"));

        var send = await relay.RunAsync(
            "send", "-", "--from", "a@example.com", "--to", "b@example.net", "--to", "c@example.net", "--server", serve.Smtp);

        Assert.Equal((0, ""), (send.ExitCode, send.Error));
        var id = Id().Match(send.Out).Value;
        Assert.Equal($"b@example.net  accepted  250 2.0.0 Accepted {id}\nc@example.net  accepted  250 2.0.0 Accepted {id}\n", send.Out);

        var status = await relay.RunAsync("status", id);
        while (status.Out.Contains("not tried yet"))
        {
            status = await relay.RunAsync("status", id);
        }

        Assert.Equal((0, ""), (status.ExitCode, status.Error));
        Assert.Contains("  c@example.net  delivered  captured  1 attempt\n", status.Out);

        var json = JsonDocument.Parse((await relay.RunAsync("status", id, "--json")).Out).RootElement;
        Assert.Equal("a@example.com", json.GetProperty("sender").GetString());
        using var http = new HttpClient();
        Assert.Equal(json.ToString(), JsonDocument.Parse(await http.GetStringAsync($"{serve.Http}/messages/{id}")).RootElement.ToString());

        var list = await relay.RunAsync("list", "--recipient", "c@example.net", "--state", "delivered", "--since", "1h");
        Assert.Contains($"  {id}  a@example.com  b@example.net +1  captured\n", list.Out);
        Assert.Equal("No message matches.\n", (await relay.RunAsync("list", "--sender", "<>")).Out);

        var content = await relay.RunAsync("content", id);
        Assert.Equal(0, content.ExitCode);
        Assert.Matches(@"^Received: from [^\n]+\r\n(\t[^\n]+\r\n)+Subject: A Test\r\n\r\nHello\r\n\.\r\nend\r\n$", Encoding.ASCII.GetString(content.Octets));
    }

    [Fact]
    public async Task An_id_that_does_not_exist_exits_with_1()
    {
        await using var serve = await RunningRelay.StartAsync(relay);
        const string Unknown = "019a2b3c4d5e7f8091a2b3c4d5e6f708";

        var status = await relay.RunAsync("status", Unknown);
        var content = await relay.RunAsync("content", Unknown);

        Assert.Equal((ExitCodes.Negative, ""), (status.ExitCode, status.Out));
        Assert.StartsWith($"relay: there is no message {Unknown} in {relay.Folder}", status.Error);
        Assert.Equal((ExitCodes.Negative, 0), (content.ExitCode, content.Octets.Length));
        Assert.StartsWith($"relay: the content of {Unknown} is not in", content.Error);
    }

    [Fact]
    public async Task Pages_follow_one_another_and_a_cursor_that_no_page_had_is_wrong_usage()
    {
        await using var serve = await RunningRelay.StartAsync(relay);
        var sent = new List<string>();
        foreach (var _ in Enumerable.Range(0, 3))
        {
            relay.Input = () => new MemoryStream("Subject: A Test\n"u8.ToArray());
            sent.Insert(0, Id().Match((await relay.RunAsync("send", "-", "--from", "<>", "--to", "b@example.net", "--server", serve.Smtp)).Out).Value);
        }

        var first = JsonDocument.Parse((await relay.RunAsync("list", "--limit", "2", "--json")).Out).RootElement;
        var second = JsonDocument.Parse(
            (await relay.RunAsync("list", "--limit", "2", "--json", "--cursor", first.GetProperty("cursor").GetString()!)).Out).RootElement;
        var wrong = await relay.RunAsync("list", "--cursor", "made-up");

        Assert.Equal(sent, first.GetProperty("messages").EnumerateArray().Concat(second.GetProperty("messages").EnumerateArray())
            .Select(message => message.GetProperty("id").GetString()));
        Assert.False(second.TryGetProperty("cursor", out var _));
        Assert.Equal((ExitCodes.Usage, ""), (wrong.ExitCode, wrong.Out));
        Assert.StartsWith("relay: --cursor: ", wrong.Error);
    }

    [Fact]
    public async Task A_recipient_who_is_refused_makes_send_exit_with_1()
    {
        relay.Environment["Relay__Routes__0__Kind"] = "capture";
        relay.Environment["Relay__Routes__0__Recipients__0"] = "example.net";
        await using var serve = await RunningRelay.StartAsync(relay);
        relay.Input = () => new MemoryStream("Subject: A Test\n"u8.ToArray());

        var send = await relay.RunAsync(
            "send", "-", "--from", "<>", "--to", "b@example.net", "--to", "c@example.org", "--server", serve.Smtp);

        Assert.Equal(ExitCodes.Negative, send.ExitCode);
        Assert.Matches(@"^b@example\.net  accepted  250 [^\n]+\nc@example\.org  refused   5[^\n]+\n$", send.Out);
    }

    [Fact]
    public async Task A_relay_that_is_not_there_makes_send_exit_with_3()
    {
        var serve = await RunningRelay.StartAsync(relay);
        await serve.DisposeAsync();

        var send = await relay.RunAsync("send", "-", "--from", "a@example.com", "--to", "b@example.net", "--server", serve.Smtp);

        Assert.Equal((ExitCodes.Unreachable, ""), (send.ExitCode, send.Out));
        Assert.StartsWith($"relay: no answer from {serve.Smtp}: ", send.Error);
        Assert.Single(send.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task It_says_where_it_listens_and_what_happens_to_mail_and_is_ready()
    {
        await using var serve = await RunningRelay.StartAsync(relay);

        Assert.Contains($"  Data    {Path.Combine(relay.Folder, ".relay")}\n", serve.Output.ToString());
        Assert.Contains("  Mail    every message is captured; nothing leaves this machine\n", serve.Output.ToString());
        Assert.Contains($"  Try     swaks --server {serve.Smtp} --to someone@example.com\n", serve.Output.ToString());
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync($"{serve.Http}/readyz")).StatusCode);
    }

    [Fact]
    public async Task A_relay_that_is_told_to_stop_gives_everything_back_and_exits_with_0()
    {
        var serve = await RunningRelay.StartAsync(relay);

        var outcome = await serve.StopAsync();

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Contains("info  Estate[601] stopped", outcome.Out);

        // The data folder and both addresses are free again.
        relay.Environment["Relay__Smtp__Listeners__0__Address"] = serve.Smtp;
        relay.Environment["Relay__Http__Listener"] = serve.Http["http://".Length..];
        await using var again = await RunningRelay.StartAsync(relay);
        Assert.Equal(serve.Smtp, again.Smtp);
    }

    [Fact]
    public async Task A_second_relay_on_the_same_data_folder_does_not_start()
    {
        await using var serve = await RunningRelay.StartAsync(relay);

        var second = await relay.RunAsync("serve");

        Assert.Equal((ExitCodes.Unreachable, ""), (second.ExitCode, second.Out));
        Assert.StartsWith("relay: another relay has the data folder", second.Error);
    }

    [Theory]
    [InlineData("Relay__Smtp__Listeners__0__Address", "Smtp:Listeners")]
    [InlineData("Relay__Http__Listener", "Http:Listener")]
    public async Task A_port_that_is_taken_is_told_in_one_line_with_the_key_to_change(string variable, string key)
    {
        using var other = new CommandLine();
        await using var serve = await RunningRelay.StartAsync(other);
        relay.Environment[variable] = serve.Smtp;

        var second = await relay.RunAsync("serve");

        Assert.Equal(ExitCodes.Unreachable, second.ExitCode);
        Assert.StartsWith($"relay: Cannot listen on {serve.Smtp}", second.Error);
        Assert.Contains(key, Assert.Single(second.Error.TrimEnd().Split('\n')));
        Assert.DoesNotContain("Relay is running", second.Out);

        // What had started has ended: the folder can be had.
        relay.Environment[variable] = "127.0.0.1:0";
        await using var third = await RunningRelay.StartAsync(relay);
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_loaded_is_told_in_one_line_and_nothing_starts()
    {
        var file = Path.Combine(relay.Folder, "mail.pem");
        relay.Environment["Relay__Certificates__0__File"] = file;

        var serve = await relay.RunAsync("serve");

        Assert.Equal((ExitCodes.Unreachable, ""), (serve.ExitCode, serve.Out));
        Assert.Equal($"relay: Cannot load the certificate {file}: there is no such file. Look at Certificates in the configuration.\n", serve.Error);

        // What had started has ended: the folder can be had.
        relay.Environment.Remove("Relay__Certificates__0__File");
        await using var without = await RunningRelay.StartAsync(relay);
    }

    [Fact]
    public async Task A_certificate_near_its_end_shows_in_readyz()
    {
        using var authority = new TestAuthority();
        using var certificate = authority.Issue(TimeProvider.System.GetUtcNow().AddDays(10.5), "mail.example.com");
        var file = Path.Combine(relay.Folder, "mail.pem");
        File.WriteAllText(file, certificate.ExportCertificatePem() + "\n" + certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        relay.Environment["Relay__Certificates__0__File"] = file;
        await using var serve = await RunningRelay.StartAsync(relay);

        using var http = new HttpClient();

        Assert.Contains("\"warning\":\"mail.example.com expires in 10 days", await http.GetStringAsync($"{serve.Http}/readyz"));
        Assert.Contains("CertificateStore[802] the certificate of mail.example.com expires in 10 days", serve.Output.ToString());
    }

    [GeneratedRegex("[0-9a-f]{32}")]
    private static partial Regex Id();
}
