using Azure.Data.Tables;
using Azure.Storage.Blobs;

namespace Relay.Support;

/// <summary>A table and a container of their own in the shared emulator.</summary>
public sealed class AzuriteStore
{
    private AzuriteStore(TableClient table, BlobContainerClient container) => (Table, Container) = (table, container);

    /// <summary>Empty at first.</summary>
    public TableClient Table { get; }

    /// <summary>Empty at first.</summary>
    public BlobContainerClient Container { get; }

    /// <summary>Makes both; skips the test where there is no emulator.</summary>
    public static async Task<AzuriteStore> NewAsync()
    {
        var (azurite, prefix) = (await Azurite.SharedAsync(), Azurite.NewPrefix());
        var store = new AzuriteStore(
            new TableClient(azurite.ConnectionString, $"{prefix}status"), new BlobContainerClient(azurite.ConnectionString, $"{prefix}content"));
        await store.Table.CreateAsync();
        await store.Container.CreateAsync();
        return store;
    }
}
