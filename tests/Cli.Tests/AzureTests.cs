using System.Buffers;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Mail;
using Relay.Options;
using Relay.Spool;
using Relay.Spool.Azure;
using Relay.Status;
using Relay.Support;

namespace Relay.Cli.Tests;

/// <summary>The commands look into Azure Storage where the configuration says so.</summary>
public sealed class AzureTests : IDisposable
{
    private readonly CommandLine relay = new();

    public void Dispose() => relay.Dispose();

    [Fact]
    public async Task Commands_read_and_change_what_is_in_azure_storage()
    {
        var (connection, prefix) = ((await Azurite.SharedAsync()).ConnectionString, Azurite.NewPrefix());
        relay.Environment["Relay__Spool"] = "azure";
        relay.Environment["Relay__Azure__Shards__0__ConnectionString"] = connection;
        relay.Environment["Relay__Azure__Shards__0__Prefix"] = prefix;
        var options = new RelayOptions
        {
            HostName = "relay.example.com",
            Data = relay.Folder,
            Spool = SpoolKind.Azure,
            Shards = [new ShardOptions { ConnectionString = connection, Prefix = prefix }],
        };
        await using var stores = await AzureStores.OpenAsync(options, NullLoggerFactory.Instance, TimeProvider.System, default);
        var id = await StickAsync(stores.Spool);

        Assert.Contains($"{id}  stuck", await OutAsync("queue", "--stuck"));
        Assert.Contains("queued, stuck", await OutAsync("status", id));
        Assert.Contains(id, await OutAsync("list", "--recipient", "b@example.net"));
        Assert.Equal("x"u8.ToArray(), (await relay.RunAsync("content", id)).Octets);
        Assert.Equal($"{id}: retry: 1 messages, 1 recipients changed\n", await OutAsync("retry", id));
        Assert.Equal("Nothing is queued.\n", await OutAsync("queue", "--stuck"));
        await OutAsync("account", "add", "app");
        Assert.NotNull(await stores.Accounts.FindAsync("app", default));
        await OutAsync("suppression", "add", "c@example.com");
        Assert.Contains("c@example.com", await OutAsync("suppression", "list"));
        await OutAsync("domain", "add", "example.com");
        Assert.Contains("example.com", await OutAsync("domain", "list"));
        Assert.DoesNotContain("devstoreaccount", await OutAsync("queue", "--summary"));
    }

    /// <summary>A message the work of which was set aside.</summary>
    private static async Task<string> StickAsync(AzureSpool spool)
    {
        var now = TimeProvider.System.GetUtcNow();
        var message = new AcceptedMessage
        {
            Id = MessageId.New(now),
            Envelope = new Envelope { ReversePath = new ReversePath(new Mailbox("a", "example.com")), Recipients = [new ForwardPath(new Mailbox("b", "example.net"))] },
            Origin = new Origin { Protocol = "ESMTP" },
            AcceptedAt = now,
        };
        await using var content = spool.CreateContent(message.Id);
        content.Write("x"u8);
        await spool.AcceptAsync(message, content);
        var lease = Assert.Single(await spool.LeaseAsync(WorkQueue.Accepted, 1, default));
        await spool.SetAsideAsync(lease, Reasons.InternalError, "why");
        return message.Id.ToString();
    }

    private async Task<string> OutAsync(params string[] args)
    {
        var outcome = await relay.RunAsync(args);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        return outcome.Out;
    }
}
