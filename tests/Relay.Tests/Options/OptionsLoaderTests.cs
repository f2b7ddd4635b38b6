using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Options;
using Relay.Routing;

namespace Relay.Tests.Options;

public sealed class OptionsLoaderTests : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Nothing_configured_gives_a_relay_that_captures_everything_on_loopback()
    {
        var options = folder.LoadValid();

        Assert.Equal(folder.Path, options.Data);
        Assert.Equal([new ListenerOptions { Address = IPEndPoint.Parse("127.0.0.1:2525") }], options.Smtp.Listeners);
        Assert.Equal(IPEndPoint.Parse("127.0.0.1:8025"), options.Http.Listener);
        var route = Assert.Single(options.Routes);
        Assert.Equal(RouteKind.Capture, route.Kind);
        Assert.Equal(["*"], route.Recipients);
        Assert.Equal(TimeSpan.FromDays(5), options.Retry.MaxAge);
        Assert.NotEmpty(options.HostName);
    }

    [Fact]
    public void Every_key_reaches_its_option()
    {
        folder.WriteConfiguration("""
        {
          // a comment, and trailing commas
          "HostName": "mail.example.com",
          "LogLevel": "Debug",
          "Smtp": {
            "Listeners": [{ "Address": "0.0.0.0:25" }, { "Address": "[::]:25" },],
            "TrustedNetworks": ["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"],
            "MaxMessageSize": "10MB",
            "MaxRecipients": 100,
            "MaxSessions": 5,
            "IdleTimeout": "00:05:30",
            "MaxHops": 30,
          },
          "Http": { "Listener": "[::1]:0" },
          "Routes": [
            { "Name": "partner", "Kind": "smarthost", "Recipients": ["example.org", "*.example.org"],
              "Hosts": ["smtp.example.net:587", "192.0.2.9", "[2001:db8::25]:26", "[2001:db8::26]"], "Tls": "Required" },
            { "Kind": "mx", "Recipients": ["user@example.com", "*"], "Port": 2526, "Tls": "off" },
          ],
          "Retry": { "Delays": ["1s", "2h"], "MaxAge": "2d", "Jitter": 0.5 },
          "Delivery": { "Concurrency": 3, "ConnectionIdle": "0s", "DrainTimeout": "00:59:00" },
          "Dns": { "Servers": ["192.0.2.53", "[2001:db8::53]", "127.0.0.1:5353"], "Timeout": "500ms" },
          "Retention": "7d",
        }
        """);

        var options = folder.LoadValid();

        Assert.Equal("mail.example.com", options.HostName);
        Assert.Equal(LogLevel.Debug, options.LogLevel);
        Assert.Equal([new IPEndPoint(IPAddress.Any, 25), new IPEndPoint(IPAddress.IPv6Any, 25)], options.Smtp.Listeners.Select(l => l.Address));
        Assert.Equal(
            [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("192.0.2.7/32"), IPNetwork.Parse("2001:db8::/32")],
            options.Smtp.TrustedNetworks);
        Assert.Equal(10 * 1024 * 1024, options.Smtp.MaxMessageSize);
        Assert.Equal(100, options.Smtp.MaxRecipients);
        Assert.Equal(5, options.Smtp.MaxSessions);
        Assert.Equal(TimeSpan.FromSeconds(330), options.Smtp.IdleTimeout);
        Assert.Equal(30, options.Smtp.MaxHops);
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Loopback, 0), options.Http.Listener);

        Assert.Equal(["partner", "mx-1"], options.Routes.Select(route => route.Name));
        Assert.Equal(
            [new("smtp.example.net", 587), new("192.0.2.9", 25), new("2001:db8::25", 26), new HostPort("2001:db8::26", 25)],
            options.Routes[0].Hosts);
        Assert.Equal(TlsMode.Required, options.Routes[0].Tls);
        Assert.Equal(["user@example.com", "*"], options.Routes[1].Recipients);
        Assert.Equal(2526, options.Routes[1].Port);
        Assert.Equal(TlsMode.Off, options.Routes[1].Tls);

        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromHours(2)], options.Retry.Delays);
        Assert.Equal(TimeSpan.FromDays(2), options.Retry.MaxAge);
        Assert.Equal(0.5, options.Retry.Jitter);
        Assert.Equal(3, options.Delivery.Concurrency);
        Assert.Equal(TimeSpan.Zero, options.Delivery.ConnectionIdle);
        Assert.Equal(TimeSpan.FromMinutes(59), options.Delivery.DrainTimeout);
        Assert.Equal(
            [IPEndPoint.Parse("192.0.2.53:53"), IPEndPoint.Parse("[2001:db8::53]:53"), IPEndPoint.Parse("127.0.0.1:5353")],
            options.Dns.Servers);
        Assert.Equal(TimeSpan.FromMilliseconds(500), options.Dns.Timeout);
        Assert.Equal(TimeSpan.FromDays(7), options.Retention);
    }

    [Fact]
    public void The_environment_is_stronger_than_the_file()
    {
        folder.WriteConfiguration("""{ "HostName": "file.example.com", "Smtp": { "MaxSessions": 7 } }""");

        var options = folder.LoadValid(("Relay__HostName", "env.example.com"), ("RELAY__smtp__listeners__0__address", "127.0.0.1:26"));

        Assert.Equal("env.example.com", options.HostName);
        Assert.Equal([IPEndPoint.Parse("127.0.0.1:26")], options.Smtp.Listeners.Select(l => l.Address));
        Assert.Equal(7, options.Smtp.MaxSessions);
    }

    [Fact]
    public void A_whole_route_can_stand_in_the_environment()
    {
        var options = folder.LoadValid(
            ("Relay__Routes__0__Kind", "smarthost"), ("Relay__Routes__0__Hosts__0", "localhost:2600"), ("Relay__Routes__0__Tls", "off"));

        Assert.Equal(new HostPort("localhost", 2600), Assert.Single(Assert.Single(options.Routes).Hosts));
    }

    [Fact]
    public void Null_means_not_given_and_an_empty_list_means_empty()
    {
        folder.WriteConfiguration("""{ "HostName": null, "Routes": null, "Smtp": { "Listeners": null, "TrustedNetworks": [] }, "Dns": { "Servers": [] }, "Http": {} }""");

        var options = folder.LoadValid();

        Assert.Single(options.Smtp.Listeners);
        Assert.Empty(options.Smtp.TrustedNetworks);
        Assert.Empty(options.Dns.Servers);
        Assert.Equal("capture", Assert.Single(options.Routes).Name);
    }

    [Fact]
    public void A_missing_file_is_a_fault_only_when_it_was_named()
    {
        Assert.True(OptionsLoader.Load(new OptionsSource { WorkingFolder = folder.Path }).IsValid);

        var named = OptionsLoader.Load(new OptionsSource { WorkingFolder = folder.Path, ConfigFile = "gone.json" });

        var fault = Assert.Single(named.Faults);
        Assert.StartsWith(Path.Combine(folder.Path, "gone.json") + ": cannot be read", fault.ToString());
    }

    [Fact]
    public void The_data_folder_is_that_of_the_command_line_then_the_environment_then_the_file()
    {
        var named = Path.Combine(folder.Path, "etc", "relay.json");
        Directory.CreateDirectory(Path.GetDirectoryName(named)!);
        File.WriteAllText(named, """{ "Data": "../spool" }""");
        var source = new OptionsSource { WorkingFolder = folder.Path, ConfigFile = named };

        Assert.Equal(Path.Combine(folder.Path, "spool"), OptionsLoader.Load(source).Options!.Data);

        source = source with { Environment = new Dictionary<string, string> { ["Relay__Data"] = "env/" } };
        Assert.Equal(Path.Combine(folder.Path, "env"), OptionsLoader.Load(source).Options!.Data);

        source = source with { DataFolder = "line" };
        Assert.Equal(Path.Combine(folder.Path, "line"), OptionsLoader.Load(source).Options!.Data);

        source = new OptionsSource { WorkingFolder = folder.Path };
        Assert.Equal(Path.Combine(folder.Path, ".relay"), OptionsLoader.Load(source).Options!.Data);
    }

    [Fact]
    public void The_file_is_found_in_the_data_folder_of_the_environment()
    {
        folder.WriteConfiguration("""{ "HostName": "found.example.com" }""");

        var result = OptionsLoader.Load(new OptionsSource
        {
            WorkingFolder = "/",
            Environment = new Dictionary<string, string> { ["Relay__Data"] = folder.Path },
        });

        Assert.Equal("found.example.com", result.Options!.HostName);
        Assert.Equal(Path.Combine(folder.Path, "relay.json"), result.File);
    }

    [Theory]
    [InlineData("web-1.example.com", "web-1.example.com")]
    [InlineData("Web_1.(none)", "Web-1")]
    [InlineData("-x-.", "x")]
    [InlineData("müller", "m-ller")]
    [InlineData("…", "localhost")]
    [InlineData("", "localhost")]
    public void The_machines_name_is_made_a_valid_host_name(string machine, string expected) =>
        Assert.Equal(expected, HostNames.MakeValid(machine));

    [Fact]
    public void A_name_that_is_too_long_to_be_valid_becomes_localhost() =>
        Assert.Equal("localhost", HostNames.MakeValid(new string('a', 64)));
}
