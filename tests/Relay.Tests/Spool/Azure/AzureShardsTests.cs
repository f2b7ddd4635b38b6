using Microsoft.Extensions.Time.Testing;
using Relay.Mail;
using Relay.Options;
using Relay.Spool;
using Relay.Spool.Azure;

namespace Relay.Tests.Spool.Azure;

public sealed class AzureShardsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_new_shard_takes_its_part_from_all_and_nothing_else_moves()
    {
        var (three, four) = (Shards("a", "b", "c"), Shards("a", "b", "c", "d"));
        var ids = Enumerable.Range(0, 4000).Select(n => MessageId.Derive(default, $"{n}", Now)).ToList();

        Assert.All(ids, id => Assert.Contains(four.Of(id).Name, (string[])[three.Of(id).Name, "account/d"]));
        Assert.All(ids.GroupBy(id => four.Of(id).Name), group => Assert.InRange(group.Count(), 850, 1150));
        Assert.All(three.All, shard => Assert.InRange(ids.Count(id => three.Of(id) == shard && four.Of(id).Name == "account/d"), 250, 420));
        Assert.Equal(["account/d"], four.LookFor(ids.First(id => four.Of(id).Name == "account/d")).Take(1).Select(shard => shard.Name));
    }

    [Fact]
    public void Keys_sort_the_newest_first_and_tell_their_message()
    {
        var (older, newer) = (MessageId.New(Now), MessageId.New(Now.AddHours(2)));

        Assert.True(string.CompareOrdinal(RowKeys.PartitionOf(newer), RowKeys.PartitionOf(older)) < 0);
        Assert.True(string.CompareOrdinal(RowKeys.Message(newer), RowKeys.Message(older)) < 0);
        Assert.Equal(older, RowKeys.IdOf(RowKeys.Recipient(older, 7)));
        Assert.Equal(("00007", 'r'), (RowKeys.NameOf(RowKeys.Recipient(older, 7)), RowKeys.KindOf(RowKeys.Recipient(older, 7))));
        Assert.Equal(RowKeys.HourOf(Now), RowKeys.HourOf(older));
        Assert.Equal(RowKeys.HourOf(Now), RowKeys.HourOf(RowKeys.PartitionOf(older)));
        Assert.Null(RowKeys.IdOf("probe"));
    }

    [Fact]
    public async Task Mail_is_spread_over_shards_and_found_wherever_it_is()
    {
        var time = new FakeTimeProvider(Now);
        var estate = await AzureEstate.MakeAsync(time, shards: 2);
        await using var spool = estate.Open();
        var shards = estate.Shards();
        List<MessageId> ids = [];
        foreach (var shard in shards.All.Reverse())
        {
            // The last message of each shard is put where it would not be looked for first.
            var id = Enumerable.Range(0, 1000).Select(n => MessageId.Derive(default, $"{n}", Now)).First(id => shards.Of(id) == shard && !ids.Contains(id));
            await using var content = new AzureContentWriter(shards.All.First(other => other != shard), id, time);
            await spool.AcceptAsync(new AcceptedMessage
            {
                Id = id,
                Envelope = new Envelope { ReversePath = ReversePath.Null, Recipients = [new ForwardPath(new Mailbox("a", "example.net"))] },
                Origin = Origin.Local,
                AcceptedAt = Now,
            }, content);
            ids.Add(id);
        }

        foreach (var id in ids)
        {
            Assert.NotNull(await spool.StatusAsync(id, default));
            Assert.NotNull(await spool.OpenContentAsync(id, default));
        }

        var leases = await spool.LeaseAsync(WorkQueue.Accepted, 10, default);
        Assert.Equal(ids.ToHashSet(), leases.Select(lease => lease.Work.Message).ToHashSet());
        Assert.All(await Task.WhenAll(leases.Select(lease => spool.CommitAsync(new Transition { Follows = lease, At = Now }))), Assert.True);
    }

    [Fact]
    public async Task What_is_missing_in_an_account_is_told_by_name()
    {
        var time = new FakeTimeProvider(Now);
        var estate = await AzureEstate.MakeAsync(time);
        var shard = estate.Shards().First;
        await shard.Content.DeleteAsync();
        await shard.QueueOf(WorkQueue.Notify).DeleteAsync();

        var e = await Assert.ThrowsAsync<SpoolException>(() => shard.CheckAsync(default));

        Assert.Contains($"the container {shard.Content.Name}, the queue {shard.QueueOf(WorkQueue.Notify).Name}", e.Message, StringComparison.Ordinal);
    }

    private static AzureShards Shards(params string[] prefixes) => AzureShards.Open(new RelayOptions
    {
        HostName = "",
        Data = "",
        Shards = [.. prefixes.Select(prefix => new ShardOptions { Account = "account", Prefix = prefix })],
    });
}
