using Relay.Checks;
using Relay.Options;

namespace Relay.Tests.Options;

public sealed class FilterOptionsTests : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_filter_is_read()
    {
        folder.WriteConfiguration("""
        {
          "Checks": { "Filter": "reject", "Attachments": "tag" },
          "Attachments": { "Names": ["*.exe", "invoice*"] },
          "Filter": { "Url": "http://filter.example.com:11333", "Timeout": "5s", "MaxSize": "1MB" }
        }
        """);

        var options = folder.LoadValid();

        Assert.Equal(CheckAction.Reject, options.Checks.Modes[CheckName.Filter]);
        Assert.Equal(["*.exe", "invoice*"], options.Attachments.Names);
        Assert.Equal(new FilterOptions
        {
            Url = new Uri("http://filter.example.com:11333"),
            Timeout = TimeSpan.FromSeconds(5),
            MaxSize = 1024 * 1024,
        }, options.Filter);
    }

    [Theory]
    [InlineData("""{ "Checks": { "Filter": "tag" } }""", "Filter:Url", "must be given where Checks:Filter is not off")]
    [InlineData("""{ "Smtp": { "Listeners": [{ "Address": "127.0.0.1:2525", "Checks": { "Filter": "tag" } }] } }""", "Filter:Url", "must be given where Checks:Filter is not off")]
    [InlineData("""{ "Filter": { "Url": "ftp://a" } }""", "Filter:Url", "allowed is an http or https URL without user, query and fragment, such as http://127.0.0.1:11333")]
    [InlineData("""{ "Filter": { "Url": "http://u:p@a" } }""", "Filter:Url", "allowed is")]
    [InlineData("""{ "Filter": { "Url": "http://a/?x" } }""", "Filter:Url", "allowed is")]
    [InlineData("""{ "Filter": { "Url": "a" }, "Checks": { "Filter": "tag" } }""", "Filter:Url", "allowed is")]
    [InlineData("""{ "Filter": { "Url": "http://a", "Timeout": "20s" } }""", "Filter:Timeout", "must be shorter than Checks:Timeout")]
    [InlineData("""{ "Filter": { "Url": "http://a" }, "Checks": { "Timeout": "10s" } }""", "Filter:Timeout", "must be shorter than Checks:Timeout")]
    [InlineData("""{ "Filter": { "Url": "http://a", "Password": "x" } }""", "Filter:Password", "goes to an https URL alone, or to this machine")]
    [InlineData("""{ "Attachments": { "Names": ["a/b"] } }""", "Attachments:Names:0", "allowed is the name of a file")]
    [InlineData("""{ "Attachments": { "Names": [] } }""", "Attachments:Names", "allowed is a list of at least one")]
    public void A_filter_that_cannot_work_is_a_fault(string json, string key, string problem)
    {
        folder.WriteConfiguration(json);

        var fault = Assert.Single(folder.Load().Faults);

        Assert.Equal(key, fault.Key);
        Assert.StartsWith(problem, fault.Problem);
    }

    [Theory]
    [InlineData("""{ "Filter": { "Url": "http://127.0.0.1:11333", "Password": "x" } }""")]
    [InlineData("""{ "Filter": { "Url": "https://filter.example.com/x", "Password": "x" } }""")]
    [InlineData("""{ "Checks": { "Timeout": "5s" } }""")]
    public void A_filter_that_can_work_is_none(string json)
    {
        folder.WriteConfiguration(json);

        folder.LoadValid();
    }
}
