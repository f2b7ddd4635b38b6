using System.Globalization;
using DnsClient;
using Microsoft.Extensions.Time.Testing;
using Relay.Dns;

namespace Relay.Tests.Dns;

public sealed class AnswerCacheTests
{
    private readonly FakeTimeProvider time = new();
    private readonly AnswerCache cache;

    public AnswerCacheTests() => cache = new AnswerCache(time);

    [Theory]
    [InlineData(false, 60, 60)]
    [InlineData(false, 86_400, 3600)]
    [InlineData(true, 60, 60)]
    [InlineData(true, 86_400, 300)]
    [InlineData(false, 0, 0)]
    [InlineData(false, -1, 0)]
    public void An_answer_is_kept_for_its_time_and_not_for_ever(bool isNegative, int ttl, int kept)
    {
        cache.Add("a.example", QueryType.A, "answer", 10, isNegative, TimeSpan.FromSeconds(ttl));

        time.Advance(TimeSpan.FromSeconds(Math.Max(0, kept - 1)));
        Assert.Equal(kept > 0 ? "answer" : null, cache.Find("a.example", QueryType.A));
        Assert.Null(cache.Find("a.example", QueryType.AAAA));

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(cache.Find("a.example", QueryType.A));
    }

    [Fact]
    public void Names_without_end_do_not_take_memory_without_end_nor_push_out_what_is_in_use()
    {
        Add("used.example", 100);
        var most = 0L;
        for (var i = 0; i < 100_000; i++)
        {
            Add(string.Create(CultureInfo.InvariantCulture, $"made-up-{i}.example"), 2000);
            most = Math.Max(most, cache.Size);
            Assert.NotNull(cache.Find("used.example", QueryType.TXT));
        }

        Assert.InRange(most, AnswerCache.MaxSize / 2, AnswerCache.MaxSize);
        Assert.Null(cache.Find("made-up-0.example", QueryType.TXT));
    }

    [Fact]
    public void The_same_name_again_takes_no_more()
    {
        Add("a.example", 1000);
        var size = cache.Size;

        Add("a.example", 1000);

        Assert.Equal(size, cache.Size);
    }

    [Fact]
    public void One_huge_answer_is_not_kept()
    {
        Add("huge.example", AnswerCache.MaxSize);

        Assert.Null(cache.Find("huge.example", QueryType.TXT));
        Assert.Equal(0, cache.Size);
    }

    private void Add(string name, int size) => cache.Add(name, QueryType.TXT, name, size, isNegative: false, TimeSpan.FromHours(1));
}
