using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Mail;
using Relay.Options;
using Relay.Spool;
using Relay.Spool.Azure;
using Relay.Status;
using Relay.Support;
using Relay.Support.Functions;

namespace Relay.Functions.Tests;

/// <summary>The published function app under the double of its host, with an emulator of its own, and the spool beside it as an ingress has it.</summary>
internal sealed class RunningApp : IAsyncDisposable
{
    private readonly Azurite azurite;
    private readonly RelayOptions options;

    private RunningApp(Azurite azurite, RelayOptions options, AzureStores stores, FunctionsHost host)
    {
        this.azurite = azurite;
        this.options = options;
        Stores = stores;
        Host = host;
    }

    /// <summary>Where the tests' build publishes to; another one, such as one that was compiled ahead of time, can be named.</summary>
    public static string Folder => Environment.GetEnvironmentVariable("FUNCTIONS_APP") ?? Path.Combine(AppContext.BaseDirectory, "function-app");

    public AzureStores Stores { get; }

    public FunctionsHost Host { get; }

    public string ConnectionString => azurite.ConnectionString;

    public static async Task<RunningApp> StartAsync(
        int smtpPort, Func<PublishedApp, PublishedApp>? change = null, TimeSpan? leaseTime = null)
    {
        var azurite = await Azurite.StartAsync(folder: null);
        var options = new RelayOptions
        {
            HostName = "relay.test",
            Data = "",
            Spool = SpoolKind.Azure,
            Shards = [new ShardOptions { ConnectionString = azurite.ConnectionString }],
        };
        var stores = await AzureStores.OpenAsync(options, NullLoggerFactory.Instance, TimeProvider.System, default);
        var host = await FunctionsHost.StartAsync(Folder, new Dictionary<string, string>
        {
            ["RelayStorage"] = azurite.ConnectionString,
            ["Relay__HostName"] = "relay.test",
            ["Relay__Spool"] = "azure",
            ["Relay__Azure__Shards__0__ConnectionString"] = azurite.ConnectionString,
            ["Relay__Routes__0__Kind"] = "smarthost",
            ["Relay__Routes__0__Recipients__0"] = "*",
            ["Relay__Routes__0__Hosts__0"] = $"127.0.0.1:{smtpPort}",
        }, change, leaseTime);
        return new RunningApp(azurite, options, stores, host);
    }

    public async Task<MessageId> AcceptAsync(string to)
    {
        var intake = new Intake(Stores.Spool, options, TimeProvider.System, NullLogger<Intake>.Instance);
        Assert.True(Mailbox.TryParse(to, out var mailbox));
        await using var message = intake.Begin(new Envelope { ReversePath = ReversePath.Null, Recipients = [new ForwardPath(mailbox)] }, Origin.Local);
        var content = "Subject: hello\r\n\r\nhello\r\n"u8;
        content.CopyTo(message.GetSpan(content.Length));
        message.Advance(content.Length);
        return (await message.CompleteAsync()).Accepted!.Value;
    }

    public async Task<MessageStatus> StatusAsync(MessageId id, Func<MessageStatus, bool> wanted)
    {
        while (true)
        {
            if (await Stores.Spool.StatusAsync(id, default) is { } status && wanted(status))
            {
                return status;
            }

            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Stores.DisposeAsync();
        await azurite.DisposeAsync();
    }
}
