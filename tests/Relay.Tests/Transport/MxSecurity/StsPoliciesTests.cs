using Relay.Status;
using Relay.Support;
using Relay.Transport;
using Relay.Transport.MxSecurity;

namespace Relay.Tests.Transport.MxSecurity;

/// <summary>How long a policy holds, and when it is fetched (RFC 8461 §3.3, §5.1, §10.2).</summary>
public sealed class StsPoliciesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("relay-sts-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_policy_is_fetched_once_while_its_id_stays_the_same()
    {
        await using var world = (await MxWorld.StartAsync()).Publish(MxWorld.Policy("enforce", "mx.example.com"));

        Assert.Equal("enforce", await ModeAsync(world));
        Assert.Equal("enforce", await ModeAsync(world));

        Assert.Equal(1, world.Policies.Requests);
    }

    [Fact]
    public async Task A_new_id_brings_the_new_policy()
    {
        await using var world = (await MxWorld.StartAsync()).Publish(MxWorld.Policy("enforce", "mx.example.com"));
        await ModeAsync(world);

        world.Publish(MxWorld.Policy("none"), id: "2");
        Pass(world, TimeSpan.FromMinutes(2));

        Assert.Equal("none", await ModeAsync(world));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(302)]
    public async Task A_new_policy_that_cannot_be_had_leaves_the_old_one_in_force_until_it_ends(int status)
    {
        await using var world = (await MxWorld.StartAsync()).Publish(MxWorld.Policy("enforce", "mx.example.com"));
        await ModeAsync(world);
        world.Publish("", id: "2").Policies.Serve("", status: status);
        Pass(world, TimeSpan.FromMinutes(2));

        Assert.Equal("enforce, Fetch", await ModeAsync(world));
        Pass(world, TimeSpan.FromDays(14) - TimeSpan.FromMinutes(3));
        Assert.Equal("enforce, Fetch", await ModeAsync(world));
        Pass(world, TimeSpan.FromMinutes(2));
        Assert.Equal("nothing, Fetch", await ModeAsync(world));
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("broken")]
    [InlineData("two")]
    [InlineData("servfail")]
    public async Task A_record_that_is_gone_takes_nothing_from_a_policy_that_holds(string fault)
    {
        await using var world = (await MxWorld.StartAsync()).Publish(MxWorld.Policy("enforce", "mx.example.com"));
        await ModeAsync(world);
        world.Dns.Remove("_mta-sts.example.com", "TXT");
        switch (fault)
        {
            case "broken":
                world.Dns.Txt("_mta-sts.example.com", "v=STSv1;");
                break;
            case "two":
                world.Dns.Txt("_mta-sts.example.com", "v=STSv1; id=3;").Txt("_mta-sts.example.com", "v=STSv1; id=4;");
                break;
            case "servfail":
                world.Dns.ServFail("_mta-sts.example.com", "TXT");
                break;
        }

        Pass(world, TimeSpan.FromMinutes(2));

        Assert.Equal("enforce", await ModeAsync(world));
        Pass(world, TimeSpan.FromDays(14));
        Assert.Equal("nothing", await ModeAsync(world));
    }

    [Fact]
    public async Task A_fetch_that_failed_is_tried_again_after_a_while_and_not_for_every_message()
    {
        await using var world = (await MxWorld.StartAsync()).Publish("garbage");

        Assert.Equal("nothing, Invalid", await ModeAsync(world));
        Assert.Equal("nothing, Invalid", await ModeAsync(world));
        Assert.Equal(1, world.Policies.Requests);

        world.Policies.Serve(MxWorld.Policy("testing", "mx.example.com"));
        Pass(world, StsPolicies.FailurePause);
        Assert.Equal("testing", await ModeAsync(world));
    }

    [Fact]
    public async Task A_policy_in_use_is_fetched_again_each_day_so_that_it_does_not_end()
    {
        await using var world = (await MxWorld.StartAsync()).Publish(MxWorld.Policy("enforce", "mx.example.com"));
        for (var day = 0; day < 20; day++)
        {
            Assert.Equal("enforce", await ModeAsync(world));
            Pass(world, TimeSpan.FromDays(1));
        }

        Assert.Equal(20, world.Policies.Requests);
    }

    [Fact]
    public async Task However_many_messages_ask_at_once_there_is_one_fetch()
    {
        await using var world = (await MxWorld.StartAsync()).Publish("");
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var serve = world.Policies;
        serve.Serve(MxWorld.Policy("enforce", "mx.example.com"));
        var answer = serve.Answer;
        serve.Answer = async context =>
        {
            asked.TrySetResult();
            await go.Task;
            await answer(context);
        };

        var finding = Enumerable.Range(0, 20).Select(_ => ModeAsync(world)).ToArray();
        await asked.Task;
        go.SetResult();

        Assert.All(await Task.WhenAll(finding), mode => Assert.Equal("enforce", mode));
        Assert.Equal(1, serve.Requests);
    }

    [Fact]
    public async Task A_restart_forgets_no_policy()
    {
        await using var before = await MxWorld.StartAsync(cache: Open(TimeProvider.System));
        before.Publish(MxWorld.Policy("enforce", "mx.example.com", "*.example.net"));
        await ModeAsync(before);

        // After it, somebody keeps the policy from us.
        await using var after = await MxWorld.StartAsync(cache: Open(TimeProvider.System));
        after.Host("evil.example.org");
        await using var server = MxWorld.ServeInClear();

        (await after.SendAsync(server.Port)).Is(OutcomeKind.Deferred, Reasons.MtaStsFailed, 451);
        Assert.Empty(server.Sessions);
    }

    [Fact]
    public void There_is_a_bound_to_all_policies_and_what_was_used_least_lately_goes_first()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var cache = new StsCache(time, new RecordingLog<StsCache>());
        var kept = new StsKept("1", new StsPolicy(StsMode.Enforce, TimeSpan.FromDays(14), ["mx.example.com"]), time.GetUtcNow());
        cache.Put("first.example", kept);
        for (var i = 0; i < StsCache.MaxPolicies; i++)
        {
            if (i % 1000 == 0)
            {
                Assert.NotNull(cache.Find("first.example"));
            }

            time.Advance(TimeSpan.FromMilliseconds(1));
            cache.Put($"{i}.example", kept);
        }

        Assert.InRange(cache.Count, StsCache.MaxPolicies / 2, StsCache.MaxPolicies);
        Assert.NotNull(cache.Find("first.example"));
        Assert.Null(cache.Find("0.example"));
        Assert.NotNull(cache.Find($"{StsCache.MaxPolicies - 1}.example"));
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_told_of_and_the_policy_holds_in_memory()
    {
        var log = new RecordingLog<StsCache>();
        var cache = StsCache.Open(folder, TimeProvider.System, log);
        using (var other = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(folder, "mta-sts.db")};Pooling=False"))
        {
            other.Open();
            using var drop = other.CreateCommand();
            drop.CommandText = "DROP TABLE policy";
            drop.ExecuteNonQuery();
        }

        cache.Put("example.com", new StsKept("1", new StsPolicy(StsMode.Enforce, TimeSpan.FromDays(1), ["mx.example.com"]), TimeProvider.System.GetUtcNow()));

        Assert.NotNull(cache.Find("example.com"));
        Assert.Equal(Relay.Telemetry.EventIds.StsPoliciesNotWritten, Assert.Single(log.Lines).Event);
    }

    private StsCache Open(TimeProvider time) => StsCache.Open(folder, time, new RecordingLog<StsCache>());

    private static void Pass(MxWorld world, TimeSpan time) => world.Time.Advance(time);

    private static async Task<string> ModeAsync(MxWorld world)
    {
        var found = await world.Guard.PolicyAsync("example.com", TestContext.Current.CancellationToken);
        return (found.Policy is { } policy ? StsPolicyText.Word(policy.Mode) : "nothing") + (found.Failure is { } failure ? $", {failure.Fault}" : "");
    }
}
