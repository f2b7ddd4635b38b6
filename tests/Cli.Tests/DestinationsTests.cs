using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Relay.Cli.Tests;

public sealed class DestinationsTests : IDisposable
{
    private readonly CommandLine relay = new();

    public void Dispose() => relay.Dispose();

    [Fact]
    public async Task A_destination_that_refuses_is_shown_as_backed_off_with_its_trouble()
    {
        var closed = ClosedPort();
        relay.Environment["Relay__Routes__0__Name"] = "out";
        relay.Environment["Relay__Routes__0__Kind"] = "smarthost";
        relay.Environment["Relay__Routes__0__Hosts__0"] = $"127.0.0.1:{closed}";
        relay.Input = () => new MemoryStream("Subject: test\r\n\r\nbody\r\n"u8.ToArray());
        await using var serve = await RunningRelay.StartAsync(relay);
        relay.Environment["Relay__Http__Listener"] = serve.Http["http://".Length..];
        Assert.Equal("Nothing was sent to any destination lately.\n", (await relay.RunAsync("destinations")).Out);

        await relay.RunAsync("send", "-", "--from", "a@example.com", "--to", "b@example.net", "--server", serve.Smtp);
        await serve.Output.SeenAsync("is backed off until");
        var shown = await relay.RunAsync("destinations");

        Assert.Equal((0, ""), (shown.ExitCode, shown.Error));
        Assert.Matches($@"^127\.0\.0\.1 +out +backed off +\S+Z +0 of 2 +451 4\.4\.1 Cannot connect to 127\.0\.0\.1\[127\.0\.0\.1\]:{closed}: ", shown.Out.Split('\n')[1]);
        var json = JsonDocument.Parse((await relay.RunAsync("destinations", "--json")).Out).RootElement.GetProperty("destinations")[0];
        Assert.Equal("backed-off", json.GetProperty("state").GetString());
    }

    [Fact]
    public async Task Without_a_running_relay_nobody_knows()
    {
        Assert.Equal(2, (await relay.RunAsync("destinations")).ExitCode);
        relay.Environment["Relay__Http__Listener"] = $"127.0.0.1:{ClosedPort()}";

        var outcome = await relay.RunAsync("destinations");

        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("Does the relay run there?", outcome.Error);
    }

    private static int ClosedPort()
    {
        var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        return port;
    }
}
