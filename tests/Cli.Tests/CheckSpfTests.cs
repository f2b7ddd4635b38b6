using Relay.Support;

namespace Relay.Cli.Tests;

/// <summary>Over real DNS on loopback.</summary>
public sealed class CheckSpfTests : IDisposable
{
    private readonly CommandLine relay = new();

    public void Dispose() => relay.Dispose();

    [Fact]
    public async Task The_answer_for_programs_is_one_line_of_json()
    {
        await using var dns = Dns();

        var pass = await RunAsync(dns, "--ip", "192.0.2.1", "--helo", "mail.example.org", "--mail-from", "a@example.org", "--json");
        var fail = await RunAsync(dns, "--ip", "2001:db8::1", "--helo", "mail.example.org", "--mail-from", "a@example.org", "--json");

        Assert.Equal((ExitCodes.Done, """{"result":"pass","explanation":null,"mechanism":"ip4:192.0.2.0/24","lookups":1}""", ""), (pass.ExitCode, pass.Out.TrimEnd(), pass.Error));
        Assert.Equal("""{"result":"fail","explanation":"a may not use 2001:db8::1","mechanism":"all","lookups":3}""", fail.Out.TrimEnd());
    }

    [Fact]
    public async Task The_answer_for_people_says_what_it_means_and_whose_words_it_tells()
    {
        await using var dns = Dns();

        var fail = await RunAsync(dns, "--ip", "203.0.113.1", "--helo", "mail.example.org", "--mail-from", "a@example.org");

        Assert.Equal(ExitCodes.Done, fail.ExitCode);
        Assert.Equal(
            [
                "result       fail", "meaning      the client may not send mail of the domain", "domain       example.org", "client       203.0.113.1",
                "mechanism    all", "explanation  a may not use 203.0.113.1", "said by      example.org", "lookups      3",
            ],
            fail.Out.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<>")]
    [InlineData(null)]
    public async Task The_null_reverse_path_stands_for_the_name_in_HELO(string? mailFrom)
    {
        await using var dns = Dns();

        var found = await RunAsync(dns, ["--ip", "192.0.2.7", "--helo", "mail.example.org", "--json", .. mailFrom is null ? Array.Empty<string>() : ["--mail-from", mailFrom]]);

        Assert.StartsWith("""{"result":"softfail","explanation":null,"mechanism":"all",""", found.Out);
    }

    [Theory]
    [InlineData("Macro Error@example.org")]
    [InlineData("@example.org")]
    public async Task Strange_names_are_no_wrong_usage(string mailFrom)
    {
        await using var dns = Dns();

        var found = await RunAsync(dns, "--ip", "::ffff:192.0.2.1", "--helo", "JUMPIN' JUPITER", "--mail-from", mailFrom, "--json");

        Assert.StartsWith("""{"result":"pass",""", found.Out);
    }

    [Fact]
    public async Task Without_the_option_the_servers_of_the_configuration_are_asked()
    {
        await using var dns = Dns();
        relay.Environment["Relay__Dns__Servers__0"] = dns.EndPoint.ToString();

        var found = await relay.RunAsync("check", "spf", "--ip", "192.0.2.1", "--mail-from", "a@example.org", "--json");

        Assert.StartsWith("""{"result":"pass",""", found.Out);
    }

    [Theory]
    [InlineData("--helo a.example", "--ip")]
    [InlineData("--ip 1.2.3 --helo a.example", "--ip: '1.2.3' is not an address such as")]
    [InlineData("--ip 192.0.2.1", "name it with --mail-from or --helo")]
    [InlineData("--ip 192.0.2.1 --mail-from example.org", "--mail-from: 'example.org' is not a mail address such as")]
    [InlineData("--ip 192.0.2.1 --helo a.example --dns localhost:5353", "--dns: 'localhost:5353' is not an address with a port, such as")]
    public async Task Wrong_usage_says_what_to_do(string arguments, string problem)
    {
        var outcome = await relay.RunAsync(["check", "spf", .. arguments.Split(' ')]);

        Assert.Equal(ExitCodes.Usage, outcome.ExitCode);
        Assert.Empty(outcome.Out);
        Assert.Contains(problem, outcome.Error);
    }

    private static LoopbackDns Dns() => LoopbackDns.Start()
        .Txt("example.org", "v=spf1 ip4:192.0.2.0/24 a:host.example.org exp=why.example.org -all").Txt("why.example.org", "%{l} may not use %{c}")
        .A("host.example.org", "198.51.100.1").Aaaa("host.example.org", "2001:db8::2")
        .Txt("mail.example.org", "v=spf1 ~all");

    private Task<CommandLine.Outcome> RunAsync(LoopbackDns dns, params string[] args) =>
        relay.RunAsync(["check", "spf", .. args, "--dns", dns.EndPoint.ToString()]);
}
