using Microsoft.Extensions.Time.Testing;
using Relay.Accounts;
using Relay.Transport.Quota;

namespace Relay.Tests.Transport.Quota;

/// <summary>What every shared quota must hold, wherever its row is.</summary>
public abstract class QuotaContract
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly Rate[] Limits = [new(3, TimeSpan.FromMinutes(1)), new(5, TimeSpan.FromHours(1))];

    protected FakeTimeProvider Time { get; } = new(Start);

    /// <summary>Another instance over the same row.</summary>
    protected abstract IQuota Open();

    [Fact]
    public async Task What_is_allowed_is_given_and_no_more()
    {
        var quota = Open();

        Assert.Equal([null, null, null, Start.AddMinutes(1)], await TakeAsync(quota, 4));
        Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([null, null, Start.AddHours(1)], await TakeAsync(quota, 3));
        Time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal([null], await TakeAsync(quota, 1));
    }

    [Fact]
    public async Task What_is_refused_takes_nothing()
    {
        var quota = Open();

        Assert.Equal(Start.AddMinutes(1), await quota.TryTakeAsync("a", 4, Limits, default));
        Assert.Null(await quota.TryTakeAsync("a", 3, Limits, default));
    }

    [Fact]
    public async Task A_minute_begins_with_its_first_token_so_that_no_minute_ever_has_more()
    {
        var quota = Open();
        await TakeAsync(quota, 1);
        Time.Advance(TimeSpan.FromSeconds(59));

        Assert.Equal([null, null, Start.AddMinutes(1)], await TakeAsync(quota, 3));
    }

    [Fact]
    public async Task Names_do_not_share()
    {
        var quota = Open();
        await TakeAsync(quota, 3);

        Assert.Null(await quota.TryTakeAsync("b", 1, Limits, default));
    }

    [Fact]
    public async Task What_one_instance_empties_is_empty_for_all()
    {
        var (one, other) = (Open(), Open());

        await one.EmptyAsync("a", Start.AddMinutes(10), default);
        await one.EmptyAsync("a", Start.AddMinutes(5), default);

        Assert.Equal(Start.AddMinutes(10), await other.TryTakeAsync("a", 1, Limits, default));
        Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Null(await other.TryTakeAsync("a", 1, Limits, default));
    }

    [Fact]
    public async Task Many_instances_at_once_never_give_the_same_token_twice()
    {
        IQuota[] instances = [.. Enumerable.Range(0, 4).Select(_ => Open())];
        Rate[] limits = [new(40, TimeSpan.FromMinutes(1))];

        var taken = await Task.WhenAll(Enumerable.Range(0, 100).Select(n => Task.Run(() => instances[n % 4].TryTakeAsync("a", 1, limits, default))));

        Assert.Equal(40, taken.Count(freeAt => freeAt is null));
    }

    private static async Task<List<DateTimeOffset?>> TakeAsync(IQuota quota, int times)
    {
        List<DateTimeOffset?> answers = [];
        for (var i = 0; i < times; i++)
        {
            answers.Add(await quota.TryTakeAsync("a", 1, Limits, default));
        }

        return answers;
    }
}

public sealed class EmbeddedQuotaTests : QuotaContract, IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("relay-quota-").FullName;
    private readonly List<EmbeddedQuota> opened = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var quota in opened)
        {
            await quota.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    protected override IQuota Open()
    {
        opened.Add(EmbeddedQuota.Open(folder, Time));
        return opened[^1];
    }
}
