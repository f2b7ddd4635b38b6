using Relay.Options;

namespace Relay.Tests.Options;

public sealed class ShardOptionsTests : IDisposable
{
    private const string Emulator =
        "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:1/devstoreaccount1;" +
        "QueueEndpoint=http://127.0.0.1:2/devstoreaccount1;TableEndpoint=http://127.0.0.1:3/devstoreaccount1;";

    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Without_a_word_of_it_the_spool_is_in_the_data_folder()
    {
        folder.WriteConfiguration("{}");

        Assert.Equal(SpoolKind.Embedded, folder.LoadValid().Spool);
    }

    [Fact]
    public void A_shard_is_an_account_or_the_emulator()
    {
        folder.WriteConfiguration($$"""
        { "Spool": "azure", "Azure": { "Shards": [ { "Account": "mail1" }, { "ConnectionString": "{{Emulator}}", "Prefix": "b2" }, { "ConnectionString": "UseDevelopmentStorage=true" } ] } }
        """);

        var options = folder.LoadValid();

        Assert.Equal(SpoolKind.Azure, options.Spool);
        Assert.Equal(
            [new ShardOptions { Account = "mail1" }, new ShardOptions { ConnectionString = Emulator, Prefix = "b2" }, new ShardOptions { ConnectionString = "UseDevelopmentStorage=true" }],
            options.Shards);
    }

    [Fact]
    public void Every_fault_of_every_shard_is_told_and_no_secret()
    {
        folder.WriteConfiguration($$"""
        { "Spool": "azure", "Azure": { "Shards": [
          { "Account": "Mail_1", "Prefix": "2x" },
          { "Account": "mail1", "ConnectionString": "{{Emulator}}" },
          { "Prefix": "x" },
          { "ConnectionString": "{{Emulator.Replace("http://127.0.0.1:2", "https://mail1.queue.core.windows.net")}}" },
          { "ConnectionString": "DefaultEndpointsProtocol=https;AccountName=mail1;AccountKey=a2V5;EndpointSuffix=core.windows.net" },
          { "Account": "mail2" },
          { "Account": "mail2" } ] } }
        """);

        var faults = folder.Load().Faults;

        Assert.Equal(
        [
            "Azure:Shards:0:Account: allowed is 3 to 24 lower-case letters and digits",
            "Azure:Shards:0:Prefix: allowed is a lower-case letter, and up to 19 more letters and digits",
            "Azure:Shards:1:Account: a shard has either an account or a Azure:Shards:1:ConnectionString",
            "Azure:Shards:2:Account: a shard has either an account or a Azure:Shards:2:ConnectionString",
            $"Azure:Shards:3:ConnectionString: allowed is {ShardKinds.ConnectionString.Allowed}",
            $"Azure:Shards:4:ConnectionString: allowed is {ShardKinds.ConnectionString.Allowed}",
            "Azure:Shards:6:Prefix: this shard stands at Azure:Shards:5 already; in one account each has a prefix of its own",
        ],
        faults.Select(fault => $"{fault.Key}: {fault.Problem}"));
        Assert.DoesNotContain(faults, fault => fault.ToString().Contains("a2V5", StringComparison.Ordinal));
    }

    [Fact]
    public void A_spool_on_Azure_without_a_shard_is_a_fault()
    {
        folder.WriteConfiguration("""{ "Spool": "azure" }""");

        Assert.Equal("Spool: the spool on Azure Storage has at least one shard: give Azure:Shards:0:Account",
            folder.Load().Faults.Select(fault => $"{fault.Key}: {fault.Problem}").Single());
    }
}
