using System.Diagnostics;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Relay.Cli.Tests;

/// <summary>The real process and real signals.</summary>
public sealed class SignalTests
{
    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_drains_the_relay_and_it_exits_with_0(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no such signals");
        using var relay = await RelayProcess.StartAsync();
        using var idle = await relay.ConnectAsync();

        await relay.SignalAsync(signal);

        Assert.StartsWith("421 ", await idle.ReadLineAsync());
        Assert.Equal(0, await relay.ExitAsync());
        Assert.Contains("Estate[601]", relay.Log);
    }

    [Fact]
    public async Task A_message_in_flight_is_finished_before_the_end()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no such signals");
        using var relay = await RelayProcess.StartAsync();
        using var session = await relay.ConnectAsync();
        await session.BeginDataAsync();

        await relay.SignalAsync("TERM");
        await relay.LoggedAsync("Estate[600]");
        await session.SendAsync("Subject: A Test\r\n\r\nHello\r\n.\r\n");

        Assert.StartsWith("250 2.0.0 Accepted", await session.ReadLineAsync());
        Assert.Equal(0, await relay.ExitAsync());
    }

    [Fact]
    public async Task A_second_signal_ends_it_at_once()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no such signals");
        using var relay = await RelayProcess.StartAsync();
        using var session = await relay.ConnectAsync();
        await session.BeginDataAsync();

        await relay.SignalAsync("TERM");
        await relay.LoggedAsync("Estate[600]");
        await relay.SignalAsync("TERM");

        // It would wait ten minutes for the session otherwise.
        Assert.NotEqual(0, await relay.ExitAsync());
        Assert.DoesNotContain("Estate[601]", relay.Log);
    }

    private sealed class RelayProcess : IDisposable
    {
        private readonly string folder = Directory.CreateTempSubdirectory("relay-signal-").FullName;
        private readonly ObservedWriter output = new();
        private readonly Process process;

        private RelayProcess()
        {
            process = new Process
            {
                StartInfo = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "relay.dll"), "serve", "--data", folder])
                {
                    RedirectStandardOutput = true,
                    Environment =
                    {
                        ["Relay__Smtp__Listeners__0__Address"] = "127.0.0.1:0",
                        ["Relay__Http__Listener"] = "127.0.0.1:0",
                        ["Relay__Delivery__DrainTimeout"] = "10m",
                    },
                },
            };
            process.OutputDataReceived += (_, line) => output.WriteLine(line.Data);
            process.Start();
            process.BeginOutputReadLine();
        }

        public string Log => output.ToString();

        public static async Task<RelayProcess> StartAsync()
        {
            var relay = new RelayProcess();
            await relay.LoggedAsync("  Stop ");
            return relay;
        }

        public Task LoggedAsync(string text) => output.SeenAsync(text);

        public async Task SignalAsync(string signal)
        {
            using var kill = Process.Start("kill", ["-s", signal, $"{process.Id}"]);
            await kill.WaitForExitAsync();
        }

        public async Task<int> ExitAsync()
        {
            await process.WaitForExitAsync();
            return process.ExitCode;
        }

        public async Task<Session> ConnectAsync()
        {
            var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", int.Parse(Regex.Match(Log, @"SMTP    127\.0\.0\.1:(\d+)").Groups[1].Value));
            var session = new Session(client);
            Assert.StartsWith("220 ", await session.ReadLineAsync());
            return session;
        }

        public void Dispose()
        {
            if (!process.HasExited)
            {
                process.Kill();
                process.WaitForExit();
            }

            process.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class Session(TcpClient client) : IDisposable
    {
        private readonly StreamReader reader = new(client.GetStream());
        private readonly StreamWriter writer = new(client.GetStream());

        public Task<string?> ReadLineAsync() => reader.ReadLineAsync();

        public async Task SendAsync(string text)
        {
            await writer.WriteAsync(text);
            await writer.FlushAsync();
        }

        public async Task BeginDataAsync()
        {
            foreach (var command in new[] { "HELO a", "MAIL FROM:<a@example.com>", "RCPT TO:<b@example.net>", "DATA" })
            {
                await SendAsync(command + "\r\n");
                Assert.Matches("^(250|354) ", await ReadLineAsync());
            }
        }

        public void Dispose() => client.Dispose();
    }
}
