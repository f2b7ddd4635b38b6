using Relay.Functions.Triggers;
using Relay.Spool;
using Relay.Support.Functions;

namespace Relay.Functions.Tests;

public sealed class PublishedAppTests
{
    private readonly PublishedApp app = PublishedApp.Read(RunningApp.Folder);

    [Fact]
    public void Every_queue_and_its_poison_has_a_function_of_the_name_that_the_code_answers_to()
    {
        var expected = Enum.GetNames<WorkQueue>().SelectMany(name =>
            new[] { (name, name.ToLowerInvariant()), ($"{name}Poison", $"{name.ToLowerInvariant()}-poison") }).Order();

        var queues = app.Functions.Where(f => f.Trigger == "queueTrigger").ToArray();

        Assert.Equal(expected, queues.Select(f => (f.Name, f.Queue!)).Order());
        Assert.All(queues, f => Assert.Equal((Invocation.Binding, "RelayStorage", "binary"), (f.Binding, f.Connection, f.DataType)));
    }

    [Fact]
    public void The_rest_is_the_sweep_the_events_and_one_function_for_all_of_http()
    {
        var rest = app.Functions.Where(f => f.Trigger != "queueTrigger").ToDictionary(f => f.Name);

        Assert.Equal(["AcsEvents", "Http", "Sweep"], rest.Keys.Order());
        Assert.Equal(AcsEventsApi.Path, $"/{rest["AcsEvents"].Route}");
        Assert.Equal(("{*path}", "function"), (rest["Http"].Route, rest["Http"].AuthLevel));
        Assert.Equal("timerTrigger", rest["Sweep"].Trigger);
        Assert.NotEqual(default, new TimerSchedule(rest["Sweep"].Schedule!).After(DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void The_host_finds_the_executable_and_allows_the_time_that_the_code_counts_on()
    {
        Assert.True(File.Exists(app.Executable), app.Executable);
        Assert.Equal(RunTime.FunctionTimeout, app.FunctionTimeout);
        Assert.True(app.ForwardsHttp);
        Assert.Equal(("", "base64", 5), (app.RoutePrefix, app.Queues.MessageEncoding, app.Queues.MaxDequeueCount));
        Assert.InRange(app.Queues.BatchSize, 1, 32);
    }
}
