using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Relay.Options;

namespace Relay.Spool.Azure;

/// <summary>The clients of one shard: its container of contents, its queues, one for each step, and its table.</summary>
internal sealed class AzureShard
{
    /// <summary>What the names of the things in storage are, behind the prefix.</summary>
    public const string ContentName = "content";

    public const string StatusName = "status";
    private readonly QueueClient[] queues;

    private AzureShard(string name, bool isEmulator, BlobServiceClient blobs, QueueServiceClient queues, TableServiceClient tables, string prefix)
    {
        Name = name;
        Prefix = prefix;
        IsEmulator = isEmulator;
        Blobs = blobs;
        Tables = tables;
        Content = blobs.GetBlobContainerClient(prefix + ContentName);
        Status = tables.GetTableClient(prefix + StatusName);
        this.queues = [.. Enum.GetValues<WorkQueue>().Select(queue => queues.GetQueueClient(NameOf(queue, prefix)))];
    }

    /// <summary>Account and prefix: which messages belong here depends on it.</summary>
    public string Name { get; }

    /// <summary>Stands before all names.</summary>
    public string Prefix { get; }

    /// <summary>What is missing is made.</summary>
    public bool IsEmulator { get; }

    /// <summary>The account's blobs.</summary>
    public BlobServiceClient Blobs { get; }

    /// <summary>The account's tables.</summary>
    public TableServiceClient Tables { get; }

    /// <summary>Contents of messages.</summary>
    public BlobContainerClient Content { get; }

    /// <summary>Messages, recipients, works and events; see <see cref="RowKeys"/>.</summary>
    public TableClient Status { get; }

    /// <summary>The queue of a step.</summary>
    public QueueClient QueueOf(WorkQueue queue) => queues[(int)queue];

    /// <summary>What a step's queue is called.</summary>
    public static string NameOf(WorkQueue queue, string prefix) => prefix + queue switch
    {
        WorkQueue.Accepted => "accepted",
        WorkQueue.Delivery => "delivery",
        WorkQueue.Notify => "notify",
        _ => "report",
    };

    /// <summary>Makes the clients; nothing is asked yet.</summary>
    public static AzureShard Open(ShardOptions options, AzureAccess access)
    {
        var (blobs, queues, tables) =
            (access.Apply(new BlobClientOptions()), access.Apply(new QueueClientOptions()), access.Apply(new TableClientOptions()));
        if (options.ConnectionString is { } emulator)
        {
            return new AzureShard($"{ShardKinds.AccountOf(emulator)}/{options.Prefix}", isEmulator: true, new BlobServiceClient(emulator, blobs),
                new QueueServiceClient(emulator, queues), new TableServiceClient(emulator, tables), options.Prefix);
        }

        var credential = access.Credential;
        return new AzureShard($"{options.Account}/{options.Prefix}", isEmulator: false, new BlobServiceClient(Endpoint("blob"), credential, blobs),
            new QueueServiceClient(Endpoint("queue"), credential, queues), new TableServiceClient(Endpoint("table"), credential, tables), options.Prefix);

        Uri Endpoint(string service) => new($"https://{options.Account}.{service}.core.windows.net");
    }

    /// <summary>Makes what is missing in the emulator; elsewhere it must be there.</summary>
    /// <exception cref="SpoolException">Something is missing, or storage cannot be reached; the message says what.</exception>
    public async Task EnsureAsync(CancellationToken cancel)
    {
        if (IsEmulator)
        {
            await AzureFault.MapAsync($"make what is missing in {Name}", async () =>
            {
                await Content.CreateIfNotExistsAsync(cancellationToken: cancel);
                await Status.CreateIfNotExistsAsync(cancel);
                await Task.WhenAll(queues.Select(queue => queue.CreateIfNotExistsAsync(cancellationToken: cancel)));
            });
            return;
        }

        await AzureFault.MapAsync($"look into {Name}", async () =>
        {
            List<string> missing = [];
            if (!await Content.ExistsAsync(cancel))
            {
                missing.Add($"the container {Content.Name}");
            }

            foreach (var queue in queues)
            {
                if (!await queue.ExistsAsync(cancel))
                {
                    missing.Add($"the queue {queue.Name}");
                }
            }

            if (!await HasTableAsync(cancel))
            {
                missing.Add($"the table {Status.Name}");
            }

            if (missing.Count > 0)
            {
                throw new SpoolException(SpoolFault.Unavailable,
                    $"the storage account {Name.Split('/')[0]} lacks {string.Join(", ", missing)}: they are made when the estate is deployed");
            }
        });
    }

    /// <summary>Writes something that nobody reads.</summary>
    public Task ProbeAsync(DateTimeOffset at, CancellationToken cancel) => AzureFault.MapAsync($"write to {Name}", () =>
        Status.UpsertEntityAsync(new TableEntity("probe", "probe") { ["At"] = at }, TableUpdateMode.Replace, cancel));

    private async Task<bool> HasTableAsync(CancellationToken cancel)
    {
        await foreach (var _ in Tables.QueryAsync($"TableName eq '{Status.Name}'", cancellationToken: cancel))
        {
            return true;
        }

        return false;
    }
}
