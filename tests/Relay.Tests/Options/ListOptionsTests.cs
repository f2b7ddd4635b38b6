using System.Net;
using Relay.Options;

namespace Relay.Tests.Options;

public sealed class ListOptionsTests : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_key_of_lists_reaches_its_option()
    {
        folder.WriteConfiguration("""
        {
          "Lists": {
            "Block": { "Addresses": ["192.0.2.0/24", "2001:db8::7"], "Helo": ["*.example.com"], "Senders": ["<>", "a@example.com"], "Recipients": ["old@example.org"] },
            "Allow": { "Addresses": ["192.0.2.7"], "Helo": ["mail.example.com"], "Senders": ["example.net"], "Recipients": ["*"] },
          },
          "DnsLists": [
            { "Zone": "bl.example", "Of": ["address", "helo", "sender", "rdns"], "Replies": ["127.0.0.2", "127.0.1.0/24"], "Weight": 3 },
            { "Zone": "other.example" },
          ],
          "DnsListThreshold": 4,
        }
        """);

        var options = folder.LoadValid();

        var (block, allow) = (options.Lists.Block, options.Lists.Allow);
        Assert.Equal([IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("2001:db8::7/128")], block.Addresses);
        Assert.Equal(["*.example.com"], block.Helo);
        Assert.Equal(["<>", "a@example.com"], block.Senders);
        Assert.Equal(["old@example.org"], block.Recipients);
        Assert.Equal([IPNetwork.Parse("192.0.2.7/32")], allow.Addresses);
        Assert.Equal(("mail.example.com", "example.net", "*"), (allow.Helo[0], allow.Senders[0], allow.Recipients[0]));
        Assert.Equal(["bl.example", "other.example"], options.DnsLists.Select(list => list.Zone));
        Assert.Equal(Enum.GetValues<DnsListSubject>(), options.DnsLists[0].Of);
        Assert.Equal([IPNetwork.Parse("127.0.0.2/32"), IPNetwork.Parse("127.0.1.0/24")], options.DnsLists[0].Replies);
        Assert.Equal([DnsListSubject.Address], options.DnsLists[1].Of);
        Assert.Equal([IPNetwork.Parse("127.0.0.0/8")], options.DnsLists[1].Replies);
        Assert.Equal((3, 1, 4), (options.DnsLists[0].Weight, options.DnsLists[1].Weight, options.DnsListThreshold));
    }

    [Theory]
    [InlineData("""{ "DnsLists": [{ "Weight": 2 }] }""", "DnsLists:0:Zone", "must be given")]
    [InlineData("""{ "DnsLists": [{ "Zone": "bl example" }] }""", "DnsLists:0:Zone", "allowed is a DNS zone")]
    [InlineData("""{ "DnsLists": [{ "Zone": "bl.example", "Of": [] }] }""", "DnsLists:0:Of", "allowed is a list of at least one")]
    [InlineData("""{ "DnsLists": [{ "Zone": "bl.example", "Of": ["ip"] }] }""", "DnsLists:0:Of:0", "allowed is one of address, helo, sender, rdns")]
    [InlineData("""{ "DnsLists": [{ "Zone": "bl.example", "Replies": ["127.255.255.0/24"] }] }""", "DnsLists:0:Replies:0", "allowed is a network in 127.0.0.0/8")]
    [InlineData("""{ "DnsLists": [{ "Zone": "bl.example", "Replies": ["127.255.255.254"] }] }""", "DnsLists:0:Replies:0", "allowed is a network in 127.0.0.0/8")]
    [InlineData("""{ "DnsLists": [{ "Zone": "bl.example", "Replies": ["127.0.0.1"] }] }""", "DnsLists:0:Replies:0", "allowed is a network in 127.0.0.0/8")]
    [InlineData("""{ "DnsLists": [{ "Zone": "bl.example", "Replies": ["128.0.0.0/8"] }] }""", "DnsLists:0:Replies:0", "allowed is a network in 127.0.0.0/8")]
    [InlineData("""{ "DnsLists": [{ "Zone": "bl.example", "Replies": ["126.0.0.0/7"] }] }""", "DnsLists:0:Replies:0", "allowed is a network in 127.0.0.0/8")]
    [InlineData("""{ "DnsLists": [{ "Zone": "bl.example", "Replies": ["::1"] }] }""", "DnsLists:0:Replies:0", "allowed is a network in 127.0.0.0/8")]
    [InlineData("""{ "DnsLists": [{ "Zone": "bl.example", "Weight": 0 }] }""", "DnsLists:0:Weight", "allowed is a whole number from 1")]
    [InlineData("""{ "DnsLists": ["bl.example"] }""", "DnsLists:0", "allowed is not a value but the keys Zone, Of, Replies, Weight")]
    [InlineData("""{ "DnsListThreshold": 0 }""", "DnsListThreshold", "allowed is a whole number from 1")]
    [InlineData("""{ "Lists": { "Block": { "Addresses": ["192.0.2.7/24"] } } }""", "Lists:Block:Addresses:0", "allowed is a network without host bits")]
    [InlineData("""{ "Lists": { "Block": { "Senders": ["a@"] } } }""", "Lists:Block:Senders:0", "allowed is <> (the null reverse-path)")]
    [InlineData("""{ "Lists": { "Allow": { "Recipients": ["<>"] } } }""", "Lists:Allow:Recipients:0", "allowed is * (everyone)")]
    [InlineData("""{ "Lists": { "Allow": { "Helo": ["*"] } } }""", "Lists:Allow:Helo:0", "allowed is a domain")]
    [InlineData("""{ "Lists": { "Alow": { "Helo": ["a.example"] } } }""", "Lists:Alow", "there is no such key; did you mean Lists:Allow?")]
    public void What_cannot_be_meant_is_a_fault(string json, string key, string problem)
    {
        folder.WriteConfiguration(json);

        var fault = Assert.Single(folder.Load().Faults);

        Assert.Equal(key, fault.Key);
        Assert.StartsWith(problem, fault.Problem);
    }

    [Fact]
    public void More_lists_in_DNS_than_can_be_asked_are_a_fault()
    {
        folder.WriteConfiguration($$"""{ "DnsLists": [{{string.Join(',', Enumerable.Range(0, 33).Select(i => $$"""{ "Zone": "l{{i}}.example" }"""))}}] }""");

        var fault = Assert.Single(folder.Load().Faults);

        Assert.Equal(("DnsLists:32:Zone", "at most 32 lists are asked: leave the others out"), (fault.Key, fault.Problem));
    }
}
