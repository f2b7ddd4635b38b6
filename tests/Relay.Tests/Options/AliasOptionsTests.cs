namespace Relay.Tests.Options;

public sealed class AliasOptionsTests : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Aliases_return_paths_and_forward_routes_are_read()
    {
        folder.WriteConfiguration("""
        {
          "Aliases": [{ "Address": "Info@bücher.example", "Targets": ["a@example.net", "@example.org"] }, { "Address": "@example.com", "Targets": ["all@example.com"] }],
          "Srs": { "Domain": "srs.example", "Secret": "a secret of the tests" },
          "Bounces": { "Domain": "bounces.example" },
          "Routes": [{ "Kind": "forward", "Recipients": ["old.example"], "Targets": ["@new.example"] }, { "Kind": "mx" }]
        }
        """);

        var options = folder.LoadValid();

        Assert.Equal(["info@xn--bcher-kva.example", "@example.com"], options.Aliases.Select(alias => alias.Address));
        Assert.Equal(["a@example.net", "@example.org"], options.Aliases[0].Targets);
        Assert.Equal(("srs.example", "a secret of the tests", "bounces.example"), (options.Srs.Domain, options.Srs.Secret, options.Bounces.Domain));
        Assert.Equal(["@new.example"], options.Routes[0].Forward!.Targets);
        Assert.Null(options.Routes[1].Forward);
    }

    [Fact]
    public void Without_them_nothing_is_forwarded_and_nothing_renamed()
    {
        folder.WriteConfiguration("{}");

        var options = folder.LoadValid();

        Assert.Empty(options.Aliases);
        Assert.Equal((null, null, null), (options.Srs.Domain, options.Srs.Secret, options.Bounces.Domain));
    }

    [Theory]
    [InlineData("""{ "Aliases": [{ "Address": "info", "Targets": ["a@b"] }] }""", "Aliases:0:Address")]
    [InlineData("""{ "Aliases": [{ "Address": "@[192.0.2.1]", "Targets": ["a@b"] }] }""", "Aliases:0:Address")]
    [InlineData("""{ "Aliases": [{ "Address": "a@b" }, { "Targets": ["a@b"] }] }""", "Aliases:0:Targets", "Aliases:1:Address")]
    [InlineData("""{ "Aliases": [{ "Address": "a@b", "Targets": ["c@d"] }, { "Address": "A@B", "Targets": ["c@d"] }] }""", "Aliases:1:Address")]
    [InlineData("""{ "Aliases": [{ "Address": "a@b", "Targets": ["c@d", "nobody", "@"] }] }""", "Aliases:0:Targets:1", "Aliases:0:Targets:2")]
    [InlineData("""{ "Srs": { "Secret": "too short", "Domain": "a b" } }""", "Srs:Domain", "Srs:Secret")]
    [InlineData("""{ "Routes": [{ "Kind": "forward" }] }""", "Routes:0:Targets")]
    [InlineData("""{ "Routes": [{ "Kind": "mx", "Targets": ["a@b"] }] }""", "Routes:0:Targets")]
    public void All_that_is_wrong_is_told(string text, params string[] keys)
    {
        folder.WriteConfiguration(text);

        Assert.Equal(keys, folder.Load().Faults.Select(fault => fault.Key));
    }
}
