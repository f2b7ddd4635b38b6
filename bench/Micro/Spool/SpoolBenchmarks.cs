using System.Buffers;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Mail;
using Relay.Spool;
using Relay.Spool.Embedded;
using Relay.Status;

namespace Relay.Bench.Spool;

/// <summary>
/// The embedded spool on the real disk, with messages of 4 KiB: what a batch of so many sessions costs from accept to final
/// state. The time of one operation is that of one message.
/// </summary>
[MemoryDiagnoser]
public class SpoolBenchmarks
{
    private const int Messages = 2000;
    private static readonly byte[] Content = new byte[4096];
    private string folder = "";
    private EmbeddedSpool spool = null!;

    /// <summary>Sessions at the same time.</summary>
    [Params(1, 20, 100)]
    public int Sessions { get; set; }

    [GlobalSetup]
    public void Open()
    {
        folder = Directory.CreateTempSubdirectory("relay-bench-").FullName;
        spool = EmbeddedSpool.Open(folder, TimeProvider.System, NullLogger<EmbeddedSpool>.Instance);
    }

    [GlobalCleanup]
    public void Close()
    {
        spool.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Accept, lease, commit as delivered.</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public async Task AcceptAndDeliver()
    {
        var left = Messages;
        await Task.WhenAll(Enumerable.Range(0, Sessions).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await AcceptAsync();
                foreach (var lease in await spool.LeaseAsync(WorkQueue.Accepted, 1, default))
                {
                    await spool.CommitAsync(Delivered(lease));
                }
            }
        })));
    }

    private async Task AcceptAsync()
    {
        var now = TimeProvider.System.GetUtcNow();
        var message = new AcceptedMessage
        {
            Id = MessageId.New(now),
            AcceptedAt = now,
            Origin = Origin.Local,
            Envelope = new Envelope
            {
                ReversePath = new ReversePath(new Mailbox("app", "example.com")),
                Recipients = [new ForwardPath(new Mailbox("someone", "example.net"))],
            },
        };
        await using var content = spool.CreateContent(message.Id);
        content.Write(Content);
        await spool.AcceptAsync(message, content);
    }

    private static Transition Delivered(Lease lease) => new()
    {
        Follows = lease,
        At = lease.Work.AcceptedAt,
        Recipients =
        [
            new RecipientChange(0, new RecipientStatus
            {
                Address = "someone@example.net",
                State = RecipientState.Delivered,
                Reason = Reasons.Discarded,
                Attempts = 1,
            }),
        ],
    };
}
