using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Options;
using Relay.Spool.Azure;
using Relay.Support;

namespace Relay.Tests.Spool.Azure;

/// <summary>Shards in the emulator that no other test has, and clients of them.</summary>
internal sealed class AzureEstate(string connectionString, IReadOnlyList<string> prefixes, TimeProvider time)
{
    private readonly DelayPolicy delays = new(time, connectionString);

    /// <summary>Makes them.</summary>
    public static async Task<AzureEstate> MakeAsync(TimeProvider time, int shards = 1)
    {
        var azurite = await Azurite.SharedAsync();
        var estate = new AzureEstate(azurite.ConnectionString, [.. Enumerable.Range(0, shards).Select(_ => Azurite.NewPrefix())], time);
        await estate.Shards().EnsureAsync(default);
        return estate;
    }

    /// <summary>Clients, with further policies above those of every test.</summary>
    public AzureShards Shards(params HttpPipelinePolicy[] policies) => Shards(null, policies);

    /// <summary>A spool of its own over another transport.</summary>
    public AzureSpool OpenOver(HttpPipelineTransport transport) => new(Shards(transport), time, NullLogger<AzureSpool>.Instance);

    private AzureShards Shards(HttpPipelineTransport? transport, params HttpPipelinePolicy[] policies) => AzureShards.Open(
        new RelayOptions
        {
            HostName = "relay.example.com",
            Data = "",
            Spool = SpoolKind.Azure,
            Shards = [.. prefixes.Select(prefix => new ShardOptions { ConnectionString = connectionString, Prefix = prefix })],
        },
        new AzureAccess(new DefaultAzureCredential()) { Policies = [.. policies, delays], Transport = transport, Retries = 0 });

    /// <summary>A spool of its own, as of a further process.</summary>
    public AzureSpool Open(params HttpPipelinePolicy[] policies) => new(Shards(policies), time, NullLogger<AzureSpool>.Instance);

    /// <summary>All rows and contents that there are.</summary>
    public async Task<List<string>> LeftAsync()
    {
        List<string> left = [];
        foreach (var shard in Shards().All)
        {
            await foreach (var row in shard.Status.QueryAsync<TableEntity>("PartitionKey lt 'g'"))
            {
                left.Add(row.RowKey);
            }

            await foreach (var blob in shard.Content.GetBlobsAsync(BlobTraits.None, BlobStates.None, null, default))
            {
                left.Add(blob.Name);
            }
        }

        return left;
    }
}
