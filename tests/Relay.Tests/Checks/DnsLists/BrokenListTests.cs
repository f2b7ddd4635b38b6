using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Relay.Checks;
using Relay.Dns;
using Relay.Options;
using Relay.Support;
using Relay.Telemetry;

namespace Relay.Tests.Checks.DnsLists;

/// <summary>A list that is broken blocks no mail, and shows. Over real DNS on loopback where a server can be broken so.</summary>
public sealed class BrokenListTests : IAsyncDisposable
{
    private readonly LoopbackDns dns = LoopbackDns.Start();

    public ValueTask DisposeAsync() => dns.DisposeAsync();

    [Theory]
    [InlineData("127.255.255.254", "refused")]
    [InlineData("127.255.255.1", "refused")]
    [InlineData("127.0.0.1", "refused")]
    [InlineData("192.0.2.80", "broken")]
    [InlineData("128.0.0.2", "broken")]
    public async Task An_answer_that_lists_nobody_blocks_no_mail(string reply, string result)
    {
        var zone = $"says-{reply}.example";
        dns.A($"7.2.0.192.{zone}", reply);
        using var harness = new DnsListsHarness(dns, List(zone));

        await AssertNotBlockedAsync(harness, zone, result);
    }

    [Fact]
    public async Task A_refusal_among_other_answers_is_a_refusal()
    {
        dns.A("7.2.0.192.both.example", "127.0.0.2", "127.255.255.254");
        using var harness = new DnsListsHarness(dns, List("both.example"));

        await AssertNotBlockedAsync(harness, "both.example", "refused");
    }

    [Fact]
    public async Task A_list_that_fails_blocks_no_mail()
    {
        dns.ServFail("7.2.0.192.servfail.example", "A");
        using var harness = new DnsListsHarness(dns, List("servfail.example"));

        await AssertNotBlockedAsync(harness, "servfail.example", "no-answer");
    }

    [Fact]
    public async Task A_list_that_is_silent_blocks_no_mail()
    {
        dns.Silent("7.2.0.192.silent.example", "A");
        // DnsClient waits by the clock of the machine: the shortest time makes the shortest test, and none is too short.
        var resolver = new DnsResolver(dns.Options with { Timeout = TimeSpan.FromMilliseconds(50) }, TimeProvider.System);
        using var harness = new DnsListsHarness(resolver, TimeProvider.System, 1, List("silent.example"));

        await AssertNotBlockedAsync(harness, "silent.example", "no-answer");
    }

    [Theory]
    [InlineData(DnsListSubject.Address, "7.2.0.192", "1.0.0.127")]
    [InlineData(DnsListSubject.Helo, "helo.example", "invalid")]
    public async Task A_list_that_lists_everything_blocks_no_mail(DnsListSubject of, string name, string never)
    {
        var zone = $"{of}.everything.example".ToLowerInvariant();
        dns.A($"{name}.{zone}", "127.0.0.2").A($"{never}.{zone}", "127.0.0.2");
        using var harness = new DnsListsHarness(dns, List(zone) with { Of = [of] });

        await AssertNotBlockedAsync(harness, zone, "broken");
    }

    [Fact]
    public async Task A_list_of_IPv6_that_lists_everything_blocks_no_mail()
    {
        var never = ReverseName.Of(System.Net.IPAddress.Parse("::ffff:127.0.0.1"), "all-six.example");
        dns.A(ReverseName.Of(System.Net.IPAddress.Parse("2001:db8::1"), "all-six.example"), "127.0.0.2").A(never, "127.0.0.2");
        using var harness = new DnsListsHarness(dns, List("all-six.example"));

        Assert.Equal((CheckAction.None, "no-answer"), Outcome(await harness.RunAsync("2001:db8::1")));
    }

    [Fact]
    public async Task A_list_without_words_or_without_an_answer_to_the_test_still_lists()
    {
        dns.A("7.2.0.192.half.example", "127.0.0.2").ServFail("7.2.0.192.half.example", "TXT").ServFail("1.0.0.127.half.example", "A");
        using var harness = new DnsListsHarness(dns, List("half.example"));

        Assert.Equal("550 5.7.1 Listed by half.example", (await harness.RunAsync("192.0.2.7")).Refusal?.ToString());
    }

    [Fact]
    public async Task A_list_that_hangs_does_not_keep_the_others_from_counting()
    {
        var time = new FakeTimeProvider();
        var hanging = new HangingDns(new TableDns().A("7.2.0.192.listing.example", "127.0.0.2"), "hanging.example");
        using var harness = new DnsListsHarness(hanging, time, 1, List("hanging.example"), List("listing.example"));

        var running = harness.RunAsync("192.0.2.7");
        await hanging.Asked;
        Assert.False(running.IsCompleted);
        // Three tenths of the 20 s of one check.
        time.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal("Listed by listing.example", (await running).Refusal?.Text);
        Assert.Equal(["hanging.example no-answer", "listing.example listed"], harness.Counted.Order());
    }

    [Fact]
    public async Task A_reverse_name_that_does_not_come_does_not_keep_the_others_from_counting()
    {
        var time = new FakeTimeProvider();
        var hanging = new HangingDns(new TableDns().A("7.2.0.192.quick.example", "127.0.0.2"), "in-addr.arpa");
        using var harness = new DnsListsHarness(hanging, time, 1,
            List("quick.example") with { Of = [DnsListSubject.ReverseDns, DnsListSubject.Address] });

        var running = harness.RunAsync("192.0.2.7");
        await hanging.Asked;
        time.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal("Listed by quick.example", (await running).Refusal?.Text);
    }

    [Fact]
    public async Task Trouble_is_logged_once_until_the_list_answers_again()
    {
        dns.ServFail("7.2.0.192.log.example", "A").A("8.2.0.192.log.example", "127.0.0.2").A("9.2.0.192.log.example", "127.255.255.255");
        using var harness = new DnsListsHarness(dns, List("log.example"));

        foreach (var address in (string[])["192.0.2.7", "192.0.2.7", "192.0.2.9", "192.0.2.8", "192.0.2.8", "192.0.2.7"])
        {
            await harness.RunAsync(address);
        }

        Assert.Equal(
            [(EventIds.DnsListInTrouble, LogLevel.Warning), (EventIds.DnsListAnswers, LogLevel.Information), (EventIds.DnsListInTrouble, LogLevel.Warning)],
            harness.Log.Lines.Select(line => (line.Event, line.Level)));
        Assert.StartsWith("list log.example does not count (no-answer): A 7.2.0.192.log.example: ", harness.Log.Lines[0].Text);
        Assert.Equal("no-answer no-answer refused listed listed no-answer", string.Join(' ', harness.Counted.Select(c => c.Split(' ')[1])));
    }

    [Fact]
    public async Task A_list_without_its_test_entry_is_told_once_and_looked_at_once_an_hour()
    {
        var time = new FakeTimeProvider();
        var table = new TableDns();
        using var harness = new DnsListsHarness(table, time, 1, List("gone.example"));

        for (var minute = 0; minute < 150; minute += 10)
        {
            Assert.Equal(CheckAction.None, (await harness.RunAsync("192.0.2.7")).Action);
            time.Advance(TimeSpan.FromMinutes(10));
        }

        Assert.Equal(3, table.Questions.Count(question => question == "A 2.0.0.127.gone.example"));
        Assert.Equal(3, harness.Counted.Count(counted => counted == "gone.example broken"));
        Assert.Equal([(EventIds.DnsListLacksTestEntry, "list gone.example does not have its test entry 127.0.0.2, and may be gone")],
            harness.Log.Lines.Select(line => (line.Event, line.Text)));

        table.A("2.0.0.127.gone.example", "127.0.0.2");
        time.Advance(TimeSpan.FromHours(1));
        await harness.RunAsync("192.0.2.7");

        Assert.Equal(3, harness.Counted.Count(counted => counted == "gone.example broken"));
    }

    private static async Task AssertNotBlockedAsync(DnsListsHarness harness, string zone, string result)
    {
        var found = await harness.RunAsync("192.0.2.7", "helo.example");

        Assert.Equal((CheckAction.None, "no-answer"), Outcome(found));
        Assert.Null(found.Refusal);
        Assert.StartsWith($"{zone} {result}: ", found.Detail);
        Assert.Equal([$"{zone} {result}"], harness.Counted);
        Assert.Equal(EventIds.DnsListInTrouble, Assert.Single(harness.Log.Lines).Event);
    }

    private static (CheckAction Action, string? Reason) Outcome(CheckResult result) => (result.Action, result.Reason);

    private static DnsListOptions List(string zone) => new() { Zone = zone };
}
