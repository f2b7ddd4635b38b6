using Relay.Routing;

namespace Relay.Tests.Options;

public sealed class AcsRouteOptionsTests
{
    [Fact]
    public void A_connection_string_names_the_resource_and_its_key()
    {
        var acs = Load("""
            "ConnectionString": "Endpoint=https://x.communication.azure.com/; AccessKey=c2VjcmV0", "DeliveryReports": false, "PerMinute": 5, "MayLose": ["sender-name"]
            """);

        Assert.Equal(("https://x.communication.azure.com/", "secret"), (acs.ConnectionString!.Endpoint.ToString(), System.Text.Encoding.ASCII.GetString(acs.ConnectionString.AccessKey)));
        Assert.Equal((false, 5, 100, WhenSpent.Defer), (acs.DeliveryReports, acs.PerMinute, acs.PerHour, acs.WhenSpent));
        Assert.Equal([AcsLoss.SenderName], acs.MayLose);
        Assert.DoesNotContain("c2VjcmV0", acs.ToString());
    }

    [Fact]
    public void An_endpoint_alone_is_signed_in_to() =>
        Assert.Equal("https://x.communication.azure.com/", Load("\"Endpoint\": \"https://x.communication.azure.com\"").Endpoint!.ToString());

    [Theory]
    [InlineData("", "Routes:0:Endpoint")]
    [InlineData("\"Endpoint\": \"http://127.0.0.1\"", "Routes:0:Endpoint")]
    [InlineData("\"Endpoint\": \"https://x\", \"ConnectionString\": \"endpoint=https://x;accesskey=AAAA\"", "Routes:0:Endpoint")]
    [InlineData("\"ConnectionString\": \"endpoint=https://x;accesskey=not base64\"", "Routes:0:ConnectionString")]
    [InlineData("\"ConnectionString\": \"endpoint=https://x\"", "Routes:0:ConnectionString")]
    [InlineData("\"ConnectionString\": \"endpoint=http://x;accesskey=AAAA\"", "Routes:0:ConnectionString")]
    [InlineData("\"Endpoint\": \"https://x\", \"WhenSpent\": \"fallback\"", "Routes:0:WhenSpent")]
    public void What_does_not_fit_is_a_fault(string keys, string fault)
    {
        using var folder = new ConfigurationFolder();
        folder.WriteConfiguration(Configuration(keys));

        var faults = folder.Load().Faults;

        Assert.Equal([fault], faults.Select(f => f.Key));
    }

    [Fact]
    public void A_secret_that_is_wrong_is_not_shown()
    {
        using var folder = new ConfigurationFolder();
        folder.WriteConfiguration(Configuration("\"ConnectionString\": \"endpoint=https://x;accesskey=hush!\""));

        Assert.DoesNotContain("hush", Assert.Single(folder.Load().Faults).ToString());
    }

    private static AcsRoute Load(string keys)
    {
        using var folder = new ConfigurationFolder();
        folder.WriteConfiguration(Configuration(keys));
        return folder.LoadValid().Routes[0].Acs!;
    }

    private static string Configuration(string keys) => $$"""{ "Routes": [{ "Kind": "acs"{{(keys.Length > 0 ? ", " + keys : "")}} }] }""";
}
