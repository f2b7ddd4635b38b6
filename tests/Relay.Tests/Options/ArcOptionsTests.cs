namespace Relay.Tests.Options;

public sealed class ArcOptionsTests : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_sealer_has_a_domain_a_selector_and_one_key()
    {
        folder.WriteConfiguration("""
        { "Arc": { "Domain": "example.com", "Selector": "s1", "KeyFile": "arc.pem", "TrustedSealers": ["lists.example", "b.example"] } }
        """);

        var arc = folder.LoadValid().Arc;

        Assert.Equal(("example.com", "s1", Path.Combine(folder.Path, "arc.pem"), null), (arc.Domain, arc.Selector, arc.KeyFile, arc.KeyVault));
        Assert.Equal(["lists.example", "b.example"], arc.TrustedSealers);
    }

    [Fact]
    public void Without_any_key_nothing_is_sealed_and_nobody_is_trusted()
    {
        folder.WriteConfiguration("{}");

        var arc = folder.LoadValid().Arc;

        Assert.Null(arc.Domain);
        Assert.Empty(arc.TrustedSealers);
    }

    [Theory]
    [InlineData("""{ "Domain": "example.com" }""", "Arc:Selector", "Arc:KeyFile")]
    [InlineData("""{ "Domain": "example.com", "Selector": "s", "KeyFile": "a.pem", "KeyVault": "https://v.example/secrets/k" }""", "Arc:KeyFile")]
    [InlineData("""{ "Selector": "s", "KeyVault": "https://v.example/secrets/k" }""", "Arc:Selector", "Arc:KeyVault")]
    [InlineData("""{ "Domain": "example.com", "Selector": "a b", "KeyFile": "a.pem" }""", "Arc:Selector")]
    [InlineData("""{ "TrustedSealers": ["x y"] }""", "Arc:TrustedSealers:0")]
    public void All_that_is_wrong_is_told(string arc, params string[] keys)
    {
        folder.WriteConfiguration($$"""{ "Arc": {{arc}} }""");

        Assert.Equal(keys, folder.Load().Faults.Select(fault => fault.Key));
    }
}
