using System.Text.Json;
using Relay.Addresses;
using Relay.Cli.Explain;
using Relay.Mail;
using Relay.Options;
using Relay.Routing;
using Relay.Support;

namespace Relay.Cli.Tests;

/// <summary>Over real DNS on loopback.</summary>
public sealed class ExplainAddressTests : IAsyncLifetime
{
    private readonly CommandLine relay = new();
    private readonly LoopbackDns dns = LoopbackDns.Start();

    public ExplainAddressTests() => relay.Environment["Relay__HostName"] = "relay.example.org";

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        relay.Dispose();
        await dns.DisposeAsync();
    }

    [Fact]
    public async Task Each_route_is_shown_with_why_and_the_hosts_in_the_order_to_try_them()
    {
        Routes("""
        [
          { "Name": "test", "Kind": "capture", "Recipients": ["test.example"] },
          { "Name": "apps", "Kind": "discard", "Accounts": ["app"] },
          { "Name": "bounces", "Kind": "discard", "Senders": ["<>"] },
          { "Name": "internet", "Kind": "mx" },
          { "Name": "rest", "Kind": "capture", "Recipients": [] }
        ]
        """);
        dns.Mx("example.com", 20, "second.example.com").A("second.example.com", "192.0.2.2")
            .Mx("example.com", 10, "first.example.com").A("first.example.com", "192.0.2.1").Aaaa("first.example.com", "2001:db8::1")
            .Mx("example.com", 15, "gone.example.com")
            .Mx("example.com", 30, "RELAY.example.org")
            .Mx("example.com", 40, "worse.example.com").A("worse.example.com", "192.0.2.4");

        var shown = await RunAsync("a@example.com", "--from", "b@example.net");

        Assert.Equal(
            [
                "to    a@example.com",
                "from  b@example.net",
                "",
                "routes",
                "  test      capture  no         takes test.example",
                "  apps      discard  no         takes mail by app, and nobody is signed in",
                "  bounces   discard  no         takes mail from <>, and this is from b@example.net",
                "  internet  mx       yes        takes everyone",
                "  rest      capture  unreached  a route before it takes the mail",
                "",
                "internet: goes to the mail hosts of its domain, TLS where offered",
                "  10  first.example.com   192.0.2.1:25, [2001:db8::1]:25",
                "  20  second.example.com  192.0.2.2:25",
                "  15  gone.example.com    not tried: it has no address",
                "  30  RELAY.example.org   not tried: this relay itself",
                "  40  worse.example.com   not tried: not better than this relay itself, so it would bring the mail back",
            ],
            shown.Out.TrimEnd().Split('\n'));
        Assert.Equal((ExitCodes.Done, ""), (shown.ExitCode, shown.Error));
    }

    [Theory]
    [InlineData("a@none.example", ExitCodes.Negative, "domain-not-found: 550 5.1.2 The domain none.example does not exist")]
    [InlineData("a@null.example", ExitCodes.Negative, "null-mx: 556 5.1.10 The domain null.example takes no mail")]
    [InlineData("a@loop.example", ExitCodes.Negative, "mail-loop: 554 5.4.6 The best mail host of loop.example is this relay itself")]
    [InlineData("a@here.example", ExitCodes.Negative, "mail-loop: 554 5.4.6 The best mail host of here.example is this relay itself")]
    [InlineData("a@[127.0.0.1]", ExitCodes.Negative, "mail-loop: 554 5.4.6 The best mail host of [127.0.0.1] is this relay itself")]
    [InlineData("a@hostless.example", ExitCodes.Negative, "no-mail-host: 550 5.4.4 No mail host of hostless.example has an address")]
    [InlineData("a@servfail.example", ExitCodes.Unreachable, "dns-temporary: 451 4.4.3 DNS gave no answer for servfail.example")]
    [InlineData("a@plain.example", ExitCodes.Done, "it has no MX, so the domain itself (RFC 5321 §5.1)\n  plain.example  192.0.2.9:2525\n")]
    [InlineData("<a@[192.0.2.7]>", ExitCodes.Done, "goes to that address, TLS where offered\n  192.0.2.7  192.0.2.7:2525\n")]
    public async Task Where_a_domain_leads_is_told_as_an_attempt_would_find_it(string address, int exitCode, string text)
    {
        relay.Environment["Relay__Smtp__Listeners__0__Address"] = "127.0.0.1:2525";
        Routes("""[{ "Kind": "mx", "Port": 2525 }]""");
        dns.Mx("null.example", 0, ".").Mx("loop.example", 10, "relay.example.org").Mx("hostless.example", 10, "x.hostless.example")
            .Mx("here.example", 10, "mx.here.example").A("mx.here.example", "127.0.0.1")
            .ServFail("servfail.example", "MX").A("plain.example", "192.0.2.9");

        var shown = await RunAsync(address);

        Assert.Contains(text, shown.Out);
        Assert.Equal(exitCode, shown.ExitCode);
    }

    [Fact]
    public async Task A_smarthost_is_shown_with_its_hosts_in_order()
    {
        Routes("""[{ "Name": "hub", "Kind": "smarthost", "Hosts": ["a.example.net:587", "192.0.2.5", "gone.example.net"], "Tls": "required" }]""");
        dns.A("a.example.net", "192.0.2.1").Aaaa("a.example.net", "2001:db8::1");

        var shown = await RunAsync("a@example.com");

        Assert.EndsWith(
            """
            hub: goes to a.example.net:587, then 192.0.2.5:25, then gone.example.net:25, TLS required
              a.example.net:587    192.0.2.1:587, [2001:db8::1]:587
              192.0.2.5:25         192.0.2.5:25
              gone.example.net:25  not tried: The smarthost gone.example.net has no address

            """, shown.Out);
        Assert.Equal(ExitCodes.Done, shown.ExitCode);
    }

    [Fact]
    public async Task A_smarthost_without_any_address_makes_the_mail_wait()
    {
        Routes("""[{ "Name": "hub", "Kind": "smarthost", "Hosts": ["silent.example.net"] }]""");
        dns.ServFail("silent.example.net", "A").ServFail("silent.example.net", "AAAA");

        var shown = await RunAsync("a@example.com");

        Assert.Contains("  dns-temporary: 451 4.4.3 DNS gave no answer for the smarthost silent.example.net", shown.Out);
        Assert.Equal(ExitCodes.Unreachable, shown.ExitCode);
    }

    [Fact]
    public async Task What_is_not_known_may_match_and_both_ways_are_shown()
    {
        Routes("""
        [
          { "Name": "spam", "Kind": "reject", "Headers": ["X-Spam: yes"], "Reply": "550 5.7.1 No spam" },
          { "Name": "big", "Kind": "discard", "MinSize": "10MB" },
          { "Name": "rest", "Kind": "capture" }
        ]
        """);

        var open = await RunAsync("a@example.com");
        var spam = await RunAsync("a@example.com", "--header", "X-Spam: YES");
        var small = await RunAsync("a@example.com", "--header", "X-Spam: no", "--header", "Subject: x", "--size", "1MB");

        Assert.Contains("  spam  reject   maybe  asks for the header, with X-Spam: yes: give its fields by --header\n", open.Out);
        Assert.Contains("  big   discard  maybe  asks for the size, of at least 10485760 octets: give it by --size\n", open.Out);
        Assert.EndsWith("spam: is refused: 550 5.7.1 No spam\n\nbig: is discarded\n\nrest: is captured\n", open.Out);
        Assert.Equal(ExitCodes.Done, open.ExitCode);
        Assert.Contains("spam: is refused: 550 5.7.1 No spam\n", spam.Out);
        Assert.Equal(ExitCodes.Negative, spam.ExitCode);
        Assert.Contains("  big   discard  no   takes mail of at least 10485760 octets, and this has 1048576\n", small.Out);
        Assert.EndsWith("\n\nrest: is captured\n", small.Out);
    }

    [Fact]
    public async Task Without_any_route_the_recipient_is_refused()
    {
        Routes("""[{ "Name": "test", "Kind": "capture", "Recipients": ["test.example"] }]""");

        var shown = await RunAsync("a@example.com");

        Assert.EndsWith("No route leads there: the recipient is refused at the door.\n", shown.Out);
        Assert.Equal(ExitCodes.Negative, shown.ExitCode);
    }

    [Fact]
    public async Task Where_only_a_refusal_or_a_size_may_match_the_rest_is_told_too()
    {
        Routes("""[{ "Name": "spam", "Kind": "reject", "Headers": ["X-Spam: yes"] }, { "Name": "small", "Kind": "capture", "MaxSize": "1MB" }]""");

        var open = await RunAsync("a@example.com");
        var big = await RunAsync("a@example.com", "--size", "2MB");

        Assert.EndsWith("small: is captured\n\nOtherwise no route leads there: the mail waits, and expires.\n", open.Out);
        Assert.Equal(ExitCodes.Done, open.ExitCode);
        Assert.EndsWith("spam: is refused: 550 5.7.1 Mail to this recipient is refused\n\nNo route leads there: the recipient is refused at the door.\n", big.Out);
        Assert.Equal(ExitCodes.Negative, big.ExitCode);
    }

    [Fact]
    public async Task Programs_get_the_same_as_json()
    {
        Routes("""[{ "Name": "test", "Kind": "capture", "Recipients": ["test.example"] }, { "Name": "internet", "Kind": "mx" }]""");
        dns.Mx("example.com", 10, "mx.example.com").A("mx.example.com", "192.0.2.1");

        var shown = await RunAsync("a@example.com", "--json");
        var json = JsonDocument.Parse(shown.Out).RootElement;

        Assert.Equal("leads", json.GetProperty("ending").GetString());
        Assert.Equal(["no", "yes"], json.GetProperty("routes").EnumerateArray().Select(route => route.GetProperty("match").GetString()!));
        var host = json.GetProperty("ways")[0].GetProperty("hosts")[0];
        Assert.Equal(
            ("mx.example.com", 10, "192.0.2.1:25"),
            (host.GetProperty("name").GetString(), host.GetProperty("preference").GetInt32(), host.GetProperty("addresses")[0].GetString()));
        Assert.Single(shown.Out.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task An_alias_is_followed_before_all_routes_and_a_suppressed_address_gets_nothing()
    {
        var book = new MemoryAddressBook();
        await book.AddAliasAsync(new Alias("info@example.com", ["a@example.net", "b@example.net"]), default);
        await book.SuppressAsync(new Suppression("gone@example.com", "550 5.1.1 No such user", DateTimeOffset.UnixEpoch, null), default);
        var explainer = new AddressExplainer(
            new RelayOptions { HostName = "relay.example.org", Data = "unused" }, new TableDns(), book, new Random(1));

        var alias = await explainer.ExplainAsync(new RouteQuery(new Mailbox("info", "example.com")), default);
        var suppressed = await explainer.ExplainAsync(new RouteQuery(new Mailbox("gone", "example.com")), default);

        Assert.Equal(["a@example.net", "b@example.net"], alias.AliasOf);
        Assert.Equal(
            ["is sent on to a@example.net, b@example.net", "a@example.net is captured", "b@example.net is captured"], alias.Ways.Select(way => way.What));
        Assert.Equal(Ending.Leads, alias.Ending);
        Assert.Equal(("550 5.1.1 No such user", Ending.Refused), (suppressed.Suppressed, suppressed.Ending));
    }

    [Fact]
    public async Task What_was_added_at_run_time_counts()
    {
        Routes("""[{ "Kind": "discard", "Recipients": ["example.net"] }, { "Kind": "capture" }]""");
        await relay.RunAsync(["alias", "add", "info@example.com", "a@example.net"]);
        await relay.RunAsync(["suppression", "add", "gone@example.com", "--reason", "asked for no more"]);

        Assert.Contains("a@example.net is discarded", (await RunAsync("info@example.com")).Out);
        Assert.Contains("nothing is sent there: asked for no more", (await RunAsync("gone@example.com")).Out);
    }

    private void Routes(string json) =>
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(relay.Folder, ".relay")).FullName, "relay.json"), $$"""{ "Routes": {{json}} }""");

    private Task<CommandLine.Outcome> RunAsync(params string[] args) =>
        relay.RunAsync(["explain", .. args, "--dns", dns.EndPoint.ToString()]);
}
