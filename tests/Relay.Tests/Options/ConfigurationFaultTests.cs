namespace Relay.Tests.Options;

public sealed class ConfigurationFaultTests : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void All_faults_are_told_at_once_with_key_value_place_and_what_is_allowed()
    {
        folder.WriteConfiguration("""
        {
          "HostName": "not a name",
          "Smtp": { "Listeners": [{ "Address": "127.0.0.1:2525" }, { "Address": "everywhere" }], "MaxRecipients": 5 },
          "Routes": [ { "Kind": "pigeon" }, { "Recipients": ["x@"] } ],
          "Retention": "soon"
        }
        """);

        var result = folder.Load(("Relay__Dns__Timeout", "2 fortnights"));

        Assert.False(result.IsValid);
        Assert.Equal(
        [
            $"HostName = \"not a name\" in {folder.File}: allowed is a host name in ASCII, such as mail.example.com (environment variable Relay__HostName)",
            $"Smtp:Listeners:1:Address = \"everywhere\" in {folder.File}: allowed is an IP address and a port, such as 127.0.0.1:2525 or [::1]:2525 (port 0: any free one) (environment variable Relay__Smtp__Listeners__1__Address)",
            $"Smtp:MaxRecipients = \"5\" in {folder.File}: allowed is a whole number from 100 to 100000 (environment variable Relay__Smtp__MaxRecipients)",
            $"Routes:0:Kind = \"pigeon\" in {folder.File}: allowed is one of capture, discard, mx, smarthost, acs, mailbox, webhook, forward, reject (environment variable Relay__Routes__0__Kind)",
            "Routes:1:Kind: must be given; allowed is one of capture, discard, mx, smarthost, acs, mailbox, webhook, forward, reject (environment variable Relay__Routes__1__Kind)",
            $"Routes:1:Recipients:0 = \"x@\" in {folder.File}: allowed is * (everyone), a domain (example.com), *.domain (below it, not itself) or one address (user@example.com) (environment variable Relay__Routes__1__Recipients__0)",
            "Dns:Timeout = \"2 fortnights\" in Relay__Dns__Timeout: allowed is a time such as 500ms, 30s, 5m, 4h, 5d or hh:mm:ss, from 100ms to 1m",
            $"Retention = \"soon\" in {folder.File}: allowed is a time such as 500ms, 30s, 5m, 4h, 5d or hh:mm:ss, from 1m to 3650d (environment variable Relay__Retention)",
        ],
        result.Faults.Select(fault => fault.ToString()));
    }

    [Theory]
    [InlineData("""{ "Smpt": { "Listeners": [{ "Address": "127.0.0.1:25" }], "MaxHops": 5 } }""", "Smpt", "there is no such key; did you mean Smtp?")]
    [InlineData("""{ "Smtp": { "MaxRecipents": 100 } }""", "Smtp:MaxRecipents", "there is no such key; did you mean Smtp:MaxRecipients?")]
    [InlineData("""{ "MaxMessageSize": "1MB" }""", "MaxMessageSize", "there is no such key; did you mean Smtp:MaxMessageSize?")]
    [InlineData("""{ "Routes": [ { "Kind": "mx", "Recipient": ["*"] } ] }""", "Routes:0:Recipient", "there is no such key; did you mean Routes:0:Recipients?")]
    [InlineData("""{ "Logging": { "LogLevel": "debug" } }""", "Logging", "there is no such key")]
    [InlineData("""{ "HostName": ["a.example.com"] }""", "HostName:0", "there is no such key")]
    [InlineData("""{ "Smtp": { "Listeners": { "first": "127.0.0.1:25" } } }""", "Smtp:Listeners:first", "there is no such key")]
    [InlineData("""{ "Smtp": "127.0.0.1:25" }""", "Smtp", "allowed is not a value but the keys Listeners, TrustedNetworks")]
    [InlineData("""{ "Smtp": { "Listeners": ["127.0.0.1:25"] } }""", "Smtp:Listeners:0", "allowed is not a value but the keys Address, Role, Tls, Proxy, ClientAddress")]
    [InlineData("""{ "Routes": "mx" }""", "Routes", "allowed is not a value but the keys Name, Kind, Recipients")]
    public void A_key_that_does_not_exist_is_a_fault_with_what_was_probably_meant(string json, string key, string problem)
    {
        folder.WriteConfiguration(json);

        var fault = Assert.Single(folder.Load().Faults);

        Assert.Equal(key, fault.Key);
        Assert.StartsWith(problem, fault.Problem);
        Assert.Equal(folder.File, fault.Origin);
    }

    [Fact]
    public void An_unknown_variable_of_the_environment_is_a_fault_of_that_variable()
    {
        var fault = Assert.Single(folder.Load(("Relay__Smtp__Listener__0", "127.0.0.1:25"), ("RELAY_PORT", "9")).Faults);

        Assert.Equal(
            "Smtp:Listener in Relay__Smtp__Listener__0: there is no such key; did you mean Smtp:Listeners?", fault.ToString());
    }

    [Theory]
    [InlineData("""[{ "Kind": "smarthost" }]""", "Routes:0:Hosts", "a route of kind smarthost must have it")]
    [InlineData("""[{ "Kind": "smarthost", "Hosts": [] }]""", "Routes:0:Hosts", "allowed is a list of at least one")]
    [InlineData("""[{ "Kind": "smarthost", "Hosts": "a:25" }]""", "Routes:0:Hosts", "allowed is a list of at least one")]
    [InlineData("""[{ "Kind": "smarthost", "Hosts": ["a"], "Port": 26 }]""", "Routes:0:Port", "only mx routes have it")]
    [InlineData("""[{ "Kind": "mx", "Hosts": ["a"] }]""", "Routes:0:Hosts", "only smarthost routes have it")]
    [InlineData("""[{ "Kind": "capture", "Tls": "required" }]""", "Routes:0:Tls", "only mx and smarthost routes have it")]
    [InlineData("""[{ "Kind": "mx", "Recipients": "a.example" }]""", "Routes:0:Recipients", "allowed is a list, each")]
    [InlineData("""[{ "Kind": "mx", "Name": "a" }, { "Kind": "mx", "Name": "A" }]""", "Routes:1:Name", "the name A is taken by Routes:0")]
    [InlineData("""[{ "Kind": "mx", "Name": "mx-1" }, { "Kind": "mx" }]""", "Routes:1:Name", "the name mx-1 is taken by Routes:0")]
    [InlineData("""[{ "Kind": "mx", "Name": "a b" }]""", "Routes:0:Name", "allowed is 1 to 64 letters")]
    [InlineData("[]", "Routes", "allowed is a list of at least one route")]
    public void Routes_that_cannot_be_meant_are_faults(string routes, string key, string problem)
    {
        folder.WriteConfiguration($$"""{ "Routes": {{routes}} }""");

        var fault = Assert.Single(folder.Load().Faults);

        Assert.Equal(key, fault.Key);
        Assert.StartsWith(problem, fault.Problem);
    }

    [Theory]
    [InlineData("""[{ "Address": "127.0.0.1:26" }, { "Address": "127.0.0.1:26" }]""", "127.0.0.1:8025", "Smtp:Listeners:1:Address")]
    [InlineData("""[{ "Address": "127.0.0.1:26" }]""", "127.0.0.1:26", "Http:Listener")]
    [InlineData("[]", "127.0.0.1:26", "Smtp:Listeners")]
    public void Two_servers_cannot_have_one_port(string smtp, string http, string key)
    {
        folder.WriteConfiguration($$"""{ "Smtp": { "Listeners": {{smtp}} }, "Http": { "Listener": "{{http}}" } }""");

        Assert.Equal(key, Assert.Single(folder.Load().Faults).Key);
    }

    [Theory]
    [InlineData("""{ "Role": "mta" }""", "Address", "must be given")]
    [InlineData("""{ "Address": "127.0.0.1:26", "Tls": "implicit" }""", "Tls", "TLS needs a certificate")]
    [InlineData("""{ "Address": "127.0.0.1:26", "Proxy": ["10.0.0.0/8"], "ClientAddress": "unknown" }""", "ClientAddress", "a PROXY header tells the address")]
    public void Listeners_that_cannot_be_meant_are_faults(string listener, string key, string problem)
    {
        folder.WriteConfiguration($$"""{ "Smtp": { "Listeners": [{{listener}}] } }""");

        var fault = Assert.Single(folder.Load().Faults);

        Assert.Equal($"Smtp:Listeners:0:{key}", fault.Key);
        Assert.StartsWith(problem, fault.Problem);
    }

    [Theory]
    [InlineData("""{ "Certificates": [{}] }""", "Certificates:0:File", "a certificate has either a file or")]
    [InlineData("""{ "Certificates": [{ "File": "a", "KeyVault": "https://v.example/secrets/a" }] }""", "Certificates:0:File", "a certificate has either a file or")]
    [InlineData("""{ "Certificates": [{ "KeyVault": "https://v.example/secrets/a", "Password": "x" }] }""", "Certificates:0:KeyFile", "a certificate of Key Vault has its key with it")]
    [InlineData("""{ "Certificates": [{ "KeyVault": "http://v.example/secrets/a" }] }""", "Certificates:0:KeyVault", "allowed is an https URL")]
    [InlineData("""{ "Domains": [{ "Recipients": ["a"] }] }""", "Domains:0:Name", "must be given")]
    [InlineData("""{ "Domains": [{ "Name": "a.example" }, { "Name": "A.example" }] }""", "Domains:1:Name", "A.example stands at Domains:0 already")]
    [InlineData("""{ "Domains": [{ "Name": "a.example", "Recipients": ["a@b"] }] }""", "Domains:0:Recipients:0", "allowed is * (all), or")]
    [InlineData("""{ "Auth": { "TokenAuthority": "https://login.example/" } }""", "Auth:TokenAudiences", "must be given with an authority")]
    [InlineData("""{ "Smtp": { "RatePerAddress": "0/1m" } }""", "Smtp:RatePerAddress", "allowed is off, or a number in a time")]
    public void What_cannot_be_meant_elsewhere_is_a_fault(string json, string key, string problem)
    {
        folder.WriteConfiguration(json);

        var fault = Assert.Single(folder.Load().Faults);

        Assert.Equal(key, fault.Key);
        Assert.StartsWith(problem, fault.Problem);
    }

    [Fact]
    public void Several_servers_can_have_any_free_port()
    {
        folder.WriteConfiguration("""{ "Smtp": { "Listeners": [{ "Address": "127.0.0.1:0" }, { "Address": "127.0.0.1:0" }] }, "Http": { "Listener": "127.0.0.1:0" } }""");

        folder.LoadValid();
    }

    [Theory]
    [InlineData("{\n  \"HostName\": \"a\"\n  \"Data\": 1 }", "line 3, position 3: not valid JSON: ")]
    [InlineData("{ \"HostName\": ", "line 1, position 15: not valid JSON: ")]
    [InlineData("", "line 1, position 1: not valid JSON: ")]
    [InlineData("[]", "Top-level JSON element must be an object")]
    [InlineData("{ \"Smtp\": { \"MaxHops\": 30 }, \"smtp\": { \"maxhops\": 40 } }", "A duplicate key")]
    public void A_file_that_is_not_json_is_one_fault_with_its_place(string json, string problem)
    {
        folder.WriteConfiguration(json);

        var fault = Assert.Single(folder.Load(("Relay__HostName", "not a name")).Faults).ToString();

        Assert.StartsWith($"{folder.File}: {problem}", fault);
        Assert.DoesNotContain('\n', fault);
        Assert.DoesNotContain("LineNumber", fault);
    }

    [Fact]
    public void A_file_that_is_nested_without_end_is_a_fault()
    {
        folder.WriteConfiguration(string.Concat(Enumerable.Repeat("{\"a\":", 100_000)));

        Assert.Contains("not valid JSON", Assert.Single(folder.Load().Faults).ToString());
    }

    [Fact]
    public void A_file_that_is_too_large_to_be_a_configuration_is_a_fault()
    {
        folder.WriteConfiguration(new string(' ', 2 * 1024 * 1024));

        Assert.Contains("larger than", Assert.Single(folder.Load().Faults).ToString());
    }

    [Fact]
    public void A_long_or_binary_value_is_shown_short_and_on_one_line()
    {
        var fault = Assert.Single(folder.Load(("Relay__HostName", "a\r\nb\u001b" + new string('x', 5000))).Faults).ToString();

        Assert.True(fault.Length < 300, fault);
        Assert.DoesNotContain(fault, char.IsControl);
    }

    [Fact]
    public void A_file_in_the_data_folder_cannot_say_that_the_data_lies_elsewhere()
    {
        folder.WriteConfiguration("""{ "Data": "/elsewhere" }""");

        // --data is stronger than the file, so this is the folder of the environment.
        var result = Relay.Options.OptionsLoader.Load(new Relay.Options.OptionsSource { ConfigFile = folder.File });
        Assert.Equal("/elsewhere", result.Options!.Data);

        Directory.CreateDirectory(Path.Combine(folder.Path, ".relay"));
        File.Move(folder.File, Path.Combine(folder.Path, ".relay", "relay.json"));
        result = Relay.Options.OptionsLoader.Load(new Relay.Options.OptionsSource { WorkingFolder = folder.Path });
        Assert.Equal("Data", Assert.Single(result.Faults).Key);
    }
}
