using System.Buffers;
using Relay.Mail;
using Relay.Spool;
using Relay.Spool.Azure;
using Relay.Status;

namespace Relay.Tests.Spool.Azure;

/// <summary>
/// The process ends between any two requests, or right after one whose answer it never hears. Another process goes on: whatever was accepted
/// is done, nothing is lost, and nothing is done twice but what was in an attempt.
/// </summary>
public sealed class AzureCrashTests : SpoolTests
{
    private AzureEstate estate = null!;

    public override async ValueTask InitializeAsync()
    {
        estate = await AzureEstate.MakeAsync(Time);
        await base.InitializeAsync();
    }

    protected override ISpool Open() => estate.Open();

    [Theory]
    [InlineData(1, 10)]
    [InlineData(1, 600_000)]
    [InlineData(150, 10)]
    public async Task However_an_accept_breaks_off_what_was_accepted_is_delivered(int recipients, int size)
    {
        await EachCutAsync(async (faults, spool) =>
        {
            var message = Message([.. Enumerable.Range(0, recipients).Select(n => $"r{n}@example.net")]);
            var isAccepted = await TryAsync(async () =>
            {
                await using var content = spool.CreateContent(message.Id);
                foreach (var chunk in Octets(size).Chunk(200_000))
                {
                    content.Write(chunk);
                    await content.FlushAsync(default);
                }

                await spool.AcceptAsync(message, content);
            });
            var delivered = await RunAllAsync();

            var status = await Spool.StatusAsync(message.Id, default);
            if (isAccepted || status is not null)
            {
                Assert.Equal(Enumerable.Range(0, recipients), delivered.Order());
                Assert.All(status!.Recipients, r => Assert.Equal(RecipientState.Delivered, r.State));
                Assert.Null(await Spool.OpenContentAsync(message.Id, default));
            }
            else
            {
                Assert.Empty(delivered);
            }

            await AssertSweptAsync(message.Id);
        });
    }

    [Fact]
    public async Task However_a_commit_breaks_off_what_follows_is_done_once()
    {
        await EachCutAsync(async (faults, spool) =>
        {
            faults.Heal();
            var message = Message("a@example.net", "b@example.net", "c@example.net");
            await AcceptAsync("x", message);
            var lease = Assert.Single(await spool.LeaseAsync(WorkQueue.Accepted, 1, default));
            faults.CutAt(Current, CurrentCut);

            await TryAsync(() => spool.CommitAsync(new Transition
            {
                Follows = lease,
                At = Time.GetUtcNow(),
                Recipients = [new RecipientChange(0, State(RecipientState.Delivered, Reasons.Delivered))],
                Next = [.. Enumerable.Range(1, 2).Select(n => new NextWork(WorkQueue.Delivery, new WorkDetail { Recipients = [n], Route = "mx" }, Time.GetUtcNow()))],
            }));
            var delivered = await RunAllAsync();

            // Where the commit did not come to pass the whole work is done anew, which is the window that the design allows.
            Assert.Equal([1, 2], delivered.Where(index => index > 0).Order());
            Assert.All((await Spool.StatusAsync(message.Id, default))!.Recipients, r => Assert.Equal(RecipientState.Delivered, r.State));
            await AssertSweptAsync(message.Id);
        });
    }

    [Fact]
    public async Task However_a_large_commit_breaks_off_what_follows_is_done_once()
    {
        await EachCutAsync(async (faults, spool) =>
        {
            faults.Heal();
            var message = Message([.. Enumerable.Range(0, 50).Select(n => $"r{n}@example.net")]);
            await AcceptAsync("x", message);
            var lease = Assert.Single(await spool.LeaseAsync(WorkQueue.Accepted, 1, default));
            faults.CutAt(Current, CurrentCut);

            await TryAsync(() => spool.CommitAsync(new Transition
            {
                Follows = lease,
                At = Time.GetUtcNow(),
                Recipients = [.. Enumerable.Range(0, 50).Select(n => new RecipientChange(n, State(RecipientState.Deferred, Reasons.RemoteTemporary)))],
                Next = [.. Enumerable.Range(0, 50).Select(n => new NextWork(WorkQueue.Delivery, new WorkDetail { Recipients = [n], Route = "mx" }, Time.GetUtcNow()))],
            }));
            var delivered = await RunAllAsync();

            Assert.Equal(Enumerable.Range(0, 50), delivered.Order());
            Assert.All((await Spool.StatusAsync(message.Id, default))!.Recipients, r => Assert.Equal(RecipientState.Delivered, r.State));
            await AssertSweptAsync(message.Id);
        }, skip: n => n is > 4 and < 52);
    }

    [Fact]
    public async Task However_a_lease_breaks_off_its_work_is_done()
    {
        await EachCutAsync(async (faults, spool) =>
        {
            faults.Heal();
            var message = Message();
            await AcceptAsync("x", message);
            await Spool.CommitAsync(Deferred(Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default)), Time.GetUtcNow().AddMinutes(1)));
            Time.Advance(TimeSpan.FromMinutes(1));
            faults.CutAt(Current, CurrentCut);

            await TryAsync(async () =>
            {
                foreach (var lease in await spool.TakeAsync(WorkQueue.Delivery, 1))
                {
                    Assert.True(await spool.CommitAsync(Final(lease)));
                }
            });
            await RunAllAsync();

            Assert.Equal(RecipientState.Delivered, (await Spool.StatusAsync(message.Id, default))!.Recipients[0].State);
            await AssertSweptAsync(message.Id);
        });
    }

    [Fact]
    public async Task A_commit_whose_answer_is_lost_knows_its_own()
    {
        var faults = new FaultPolicy();
        await using var spool = estate.Open(faults);
        var id = await AcceptAsync("x");
        var transition = Deferred(Assert.Single(await spool.LeaseAsync(WorkQueue.Accepted, 1, default)), Start);

        faults.CutAt(0, Cut.AfterRequest);
        await Assert.ThrowsAsync<SpoolException>(() => spool.CommitAsync(transition));
        faults.Heal();
        Assert.True(await spool.CommitAsync(transition));
        Assert.False(await spool.CommitAsync(transition));

        Assert.Single(await Spool.LeaseAsync(WorkQueue.Delivery, 10, default));
        Assert.Equal(2, (await Spool.StatusAsync(id, default))!.Events!.Count);
    }

    private int Current { get; set; }

    private Cut CurrentCut { get; set; }

    /// <summary>Runs with a process that is cut at its first request, its second and so on, until it comes to its end uncut.</summary>
    private async Task EachCutAsync(Func<FaultPolicy, AzureSpool, Task> run, Func<int, bool>? skip = null)
    {
        foreach (var how in Enum.GetValues<Cut>())
        {
            var hasCut = true;
            for (var n = 0; hasCut; n++)
            {
                if (skip?.Invoke(n) ?? false)
                {
                    continue;
                }

                var faults = new FaultPolicy();
                var spool = estate.Open(faults);
                (Current, CurrentCut) = (n, how);
                faults.CutAt(n, how);
                await run(faults, spool);
                hasCut = faults.HasCut;
                faults.CutAt(0, Cut.BeforeRequest);
                await spool.DisposeAsync();
            }
        }
    }

    private static async Task<bool> TryAsync(Func<Task> action)
    {
        try
        {
            await action();
            return true;
        }
        catch (SpoolException)
        {
            return false;
        }
    }

    /// <summary>Another process does all that is left to do: what is in the queues, and what the sweep brings back. Gives who got the message.</summary>
    private async Task<List<int>> RunAllAsync()
    {
        List<int> delivered = [];
        for (var round = 0; round < 3; round++)
        {
            foreach (var queue in Enum.GetValues<WorkQueue>())
            {
                while (await ((AzureSpool)Spool).TakeAsync(queue, 10) is { Count: > 0 } leases)
                {
                    foreach (var lease in leases)
                    {
                        await OctetsAsync(lease.Work.Message);
                        if (await Spool.CommitAsync(Final(lease)))
                        {
                            delivered.AddRange(lease.Work.Recipients.Select(r => r.Index));
                        }
                    }
                }
            }

            Time.Advance(TimeSpan.FromMinutes(21));
            await Spool.SweepAsync(Start.AddDays(-1), default);
        }

        return delivered;
    }

    /// <summary>In the end nothing of a message is left, wherever its accept broke off.</summary>
    private async Task AssertSweptAsync(MessageId id)
    {
        Time.Advance(TimeSpan.FromDays(2));
        await Spool.SweepAsync(Time.GetUtcNow().AddHours(-1), default);
        Assert.Null(await Spool.StatusAsync(id, default));
        Assert.Empty(await estate.LeftAsync());
    }
}
