using Relay.Accounts;
using Relay.Routing;

namespace Relay.Tests.Options;

public sealed class SmarthostOptionsTests : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Hosts_have_shares_and_a_user_makes_Relay_sign_in_under_TLS()
    {
        var route = Read("""{ "Kind": "smarthost", "Hosts": ["a.example:587*3", "[2001:db8::1]:25*1", "b.example"], "User": "app", "Password": "secret", "MaxRecipients": 10, "Rate": "60/1m" }""");

        Assert.Equal([new HostPort("a.example", 587) { Weight = 3 }, new HostPort("2001:db8::1", 25) { Weight = 1 }, new HostPort("b.example", 25)], route.Hosts);
        Assert.Equal(["a.example:587*3", "[2001:db8::1]:25*1", "b.example:25"], route.Hosts.Select(h => h.ToString()));
        Assert.Equal(TlsMode.Required, route.Tls);
        Assert.Equal(new SmarthostRoute { Auth = SmarthostAuth.Auto, User = "app", Password = "secret", MaxRecipients = 10, Rate = new Rate(60, TimeSpan.FromMinutes(1)) }, route.Smarthost);
    }

    [Fact]
    public void The_door_of_Azure_Communication_Services_is_known()
    {
        var route = Read("""{ "Kind": "smarthost", "Preset": "acs", "User": "resource|app|tenant", "Password": "secret" }""");

        Assert.Equal([new HostPort("smtp.azurecomm.net", 587)], route.Hosts);
        Assert.Equal(TlsMode.Required, route.Tls);
        Assert.Equal(SmarthostAuth.Auto, route.Smarthost!.Auth);
    }

    [Fact]
    public void A_route_that_is_printed_keeps_its_secrets()
    {
        var route = new Route
        {
            Name = "a",
            Kind = RouteKind.Smarthost,
            Recipients = [],
            Smarthost = new SmarthostRoute { User = "app", Password = "hunter2" },
            Webhook = new WebhookRoute { Url = new Uri("https://key:hunter2@hook.example/hunter2?hunter2"), Secret = "hunter2" },
        };

        Assert.DoesNotContain("hunter2", route.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_user_nobody_signs_in()
    {
        var route = Read("""{ "Kind": "smarthost", "Hosts": ["a.example"] }""");

        Assert.Equal(SmarthostAuth.Off, route.Smarthost!.Auth);
        Assert.Equal(TlsMode.Opportunistic, route.Tls);
    }

    [Theory]
    [InlineData("""{ "Kind": "smarthost", "Preset": "acs" }""", "Routes:0:User")]
    [InlineData("""{ "Kind": "smarthost", "Preset": "acs", "Hosts": ["a"], "User": "u", "Password": "p" }""", "Routes:0:Hosts")]
    [InlineData("""{ "Kind": "smarthost", "Hosts": ["a"], "User": "u" }""", "Routes:0:Password")]
    [InlineData("""{ "Kind": "smarthost", "Hosts": ["a"], "Auth": "plain" }""", "Routes:0:User")]
    [InlineData("""{ "Kind": "smarthost", "Hosts": ["a"], "User": "u", "Password": "p", "PasswordFile": "f" }""", "Routes:0:User")]
    [InlineData("""{ "Kind": "smarthost", "Hosts": ["a"], "Auth": "xoauth2" }""", "Routes:0:User")]
    [InlineData("""{ "Kind": "smarthost", "Hosts": ["a"], "User": "u", "Password": "p", "Tls": "opportunistic" }""", "Routes:0:Tls")]
    [InlineData("""{ "Kind": "smarthost", "Hosts": ["a"], "Password": "p" }""", "Routes:0:Password")]
    [InlineData("""{ "Kind": "smarthost", "Hosts": ["a"], "PasswordFile": "f", "Password": "p" }""", "Routes:0:Password")]
    [InlineData("""{ "Kind": "smarthost", "Hosts": ["a"], "Auth": "xoauth2", "User": "u", "Password": "p" }""", "Routes:0:Password")]
    [InlineData("""{ "Kind": "smarthost", "Hosts": ["a"], "Auth": "off", "User": "u", "Password": "p" }""", "Routes:0:Auth")]
    [InlineData("""{ "Kind": "smarthost", "Hosts": ["a", "b:465"] }""", "Routes:0:Tls")]
    [InlineData("""{ "Kind": "smarthost", "Hosts": ["b:465"], "User": "u", "Password": "p", "Tls": "off" }""", "Routes:0:Tls")]
    [InlineData("""{ "Kind": "smarthost", "Hosts": ["a*0"] }""", "Routes:0:Hosts:0")]
    [InlineData("""{ "Kind": "smarthost", "Hosts": ["a*101"] }""", "Routes:0:Hosts:0")]
    [InlineData("""{ "Kind": "smarthost", "Hosts": ["*3"] }""", "Routes:0:Hosts:0")]
    [InlineData("""{ "Kind": "smarthost", "Preset": "acs", "User": "u", "Password": "p", "Tls": "off" }""", "Routes:0:Tls")]
    [InlineData("""{ "Kind": "smarthost", "Preset": "acs", "User": "u", "Password": "p", "Tls": "opportunistic" }""", "Routes:0:Tls")]
    [InlineData("""{ "Kind": "smarthost", "Hosts": ["a"], "Fallback": "b" }""", "Routes:0:Fallback")]
    [InlineData("""{ "Kind": "mx", "Fallback": "b" }""", "Routes:0:Fallback")]
    [InlineData("""{ "Kind": "mx", "User": "u" }""", "Routes:0:User")]
    public void What_cannot_be_meant_is_a_fault(string route, string key)
    {
        folder.WriteConfiguration($$"""{ "Routes": [{{route}}] }""");

        Assert.Equal(key, Assert.Single(folder.Load().Faults).Key);
    }

    private Route Read(string route)
    {
        folder.WriteConfiguration($$"""{ "Routes": [{{route}}] }""");
        return Assert.Single(folder.LoadValid().Routes);
    }
}
