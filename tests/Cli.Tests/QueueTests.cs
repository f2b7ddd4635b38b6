using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Relay.Cli.Tests;

/// <summary>The queue, beside a running relay and without one.</summary>
public sealed partial class QueueTests : IDisposable
{
    private readonly CommandLine relay = new();

    public QueueTests()
    {
        relay.Input = () => new MemoryStream("Subject: x\r\n\r\nbody\r\n"u8.ToArray());
        relay.Environment["USER"] = "anna";
        relay.Environment["Relay__Routes__0__Name"] = "dead";
        relay.Environment["Relay__Routes__0__Kind"] = "smarthost";
        relay.Environment["Relay__Routes__0__Recipients__0"] = "*";
        relay.Environment["Relay__Routes__0__Hosts__0"] = $"127.0.0.1:{FreePort()}";
    }

    public void Dispose() => relay.Dispose();

    [Fact]
    public async Task Deferred_mail_is_shown_held_released_retried_and_cancelled_by_the_running_relay()
    {
        relay.Environment["Relay__Http__Listener"] = $"127.0.0.1:{FreePort()}";
        await using var serve = await RunningRelay.StartAsync(relay);
        var id = await DeferAsync(serve.Smtp, "b@example.net");

        Assert.Contains($"{id}  deferred", (await RunAsync("queue", "--deferred", "--domain", "example.net")).Out);
        Assert.Equal($"{id}: hold: 1 messages, 1 recipients changed\n", (await RunAsync("hold", id)).Out);
        Assert.Contains($"{id}  held", (await RunAsync("queue", "--held")).Out);
        Assert.Equal("Nothing is queued.\n", (await RunAsync("queue", "--deferred")).Out);
        Assert.Equal("release: 1 messages, 1 recipients changed\n", (await RunAsync("release", "--all")).Out);
        await AttemptsAsync(id, 2);
        Assert.Equal("retry: 1 messages, 1 recipients changed\n", (await RunAsync("retry", "--domain", "EXAMPLE.net")).Out);
        await AttemptsAsync(id, 3);
        Assert.Contains("example.net", (await RunAsync("queue", "--summary")).Out);
        Assert.Equal($"{id}: cancel: 1 messages, 1 recipients changed\n", (await RunAsync("cancel", id, "--reason", "ticket 42")).Out);
        var status = (await RunAsync("status", id)).Out;
        Assert.Contains("cancelled", status);
        Assert.Contains("relay cancel by anna: ticket 42", status);
        Assert.Equal("Nothing is queued.\n", (await RunAsync("queue")).Out);
        var again = await relay.RunAsync("cancel", id);
        Assert.Equal((ExitCodes.Negative, $"{id}: cancel: 0 messages, 0 recipients changed\n"), (again.ExitCode, again.Out));
    }

    [Fact]
    public async Task Without_a_running_relay_the_data_folder_is_changed()
    {
        string id;
        await using (var serve = await RunningRelay.StartAsync(relay))
        {
            id = await DeferAsync(serve.Smtp, "b@example.net");
            var locked = await relay.RunAsync("hold", id);
            Assert.Equal(ExitCodes.Unreachable, locked.ExitCode);
            Assert.Contains("names no port", locked.Error);
        }

        Assert.Contains("1 messages", (await RunAsync("hold", id)).Out);
        Assert.Contains($"{id}  held", (await RunAsync("queue")).Out);
        var unknown = await relay.RunAsync("cancel", "019a2b3c4d5e7f8091a2b3c4d5e6f708");
        Assert.Equal(ExitCodes.Negative, unknown.ExitCode);
        Assert.Contains("no such message", unknown.Error);
        Assert.Contains("1 messages", (await RunAsync("cancel", "--all")).Out);
    }

    [Fact]
    public async Task A_relay_that_does_not_answer_is_told_of()
    {
        await using var serve = await RunningRelay.StartAsync(relay);
        relay.Environment["Relay__Http__Listener"] = $"127.0.0.1:{FreePort()}";

        var hold = await relay.RunAsync("hold", "--all");

        Assert.Equal(ExitCodes.Unreachable, hold.ExitCode);
        Assert.Contains("does not answer", hold.Error);
    }

    [Fact]
    public async Task Where_no_spool_is_none_is_made()
    {
        var cancel = await relay.RunAsync("cancel", "--all", "--data", Path.Combine(relay.Folder, "nowhere"));

        Assert.Equal(ExitCodes.Unreachable, cancel.ExitCode);
        Assert.False(Directory.Exists(Path.Combine(relay.Folder, "nowhere")));
    }

    [Theory]
    [InlineData("cancel")]
    [InlineData("cancel --all --domain example.com")]
    [InlineData("retry 42")]
    [InlineData("hold --domain a..b")]
    [InlineData("queue --deferred --held")]
    [InlineData("queue --held --stuck")]
    [InlineData("queue --summary --stuck")]
    [InlineData("queue --limit 0")]
    [InlineData("queue --order up")]
    public async Task What_is_not_clear_is_wrong_usage(string line) =>
        Assert.Equal(ExitCodes.Usage, (await relay.RunAsync(line.Split(' '))).ExitCode);

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task<CommandLine.Outcome> RunAsync(params string[] args)
    {
        var outcome = await relay.RunAsync(args);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        return outcome;
    }

    private async Task<string> DeferAsync(string smtp, string to)
    {
        var id = Id().Match((await RunAsync("send", "-", "--from", "a@example.com", "--to", to, "--server", smtp)).Out).Value;
        await AttemptsAsync(id, 1);
        return id;
    }

    /// <summary>Ends when so many attempts have ended.</summary>
    private async Task AttemptsAsync(string id, int attempts)
    {
        while (!(await RunAsync("status", id, "--json")).Out.Contains($"\"attempts\": {attempts}"))
        {
            await Task.Yield();
        }
    }

    [GeneratedRegex("[0-9a-f]{32}")]
    private static partial Regex Id();
}
