using System.Text.RegularExpressions;

namespace Relay.Cli.Tests;

/// <summary><c>relay serve</c> in this process, on free ports.</summary>
internal sealed partial class RunningRelay : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Task<CommandLine.Outcome> running;

    private RunningRelay(CommandLine relay) => running = relay.RunAsync(Output, stop.Token, "serve");

    public ObservedWriter Output { get; } = new();

    /// <summary>As <c>host:port</c>.</summary>
    public string Smtp { get; private set; } = "";

    /// <summary>As a URL.</summary>
    public string Http { get; private set; } = "";

    public static async Task<RunningRelay> StartAsync(CommandLine relay)
    {
        var serve = new RunningRelay(relay);
        if (await Task.WhenAny(serve.Output.SeenAsync("  Stop "), serve.running) == serve.running)
        {
            throw new InvalidOperationException($"the relay ended: {await serve.running}");
        }

        var banner = serve.Output.ToString();
        serve.Smtp = SmtpLine().Match(banner).Groups[1].Value;
        serve.Http = HttpLine().Match(banner).Groups[1].Value;
        return serve;
    }

    public async Task<CommandLine.Outcome> StopAsync()
    {
        await stop.CancelAsync();
        return await running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stop.Dispose();
    }

    [GeneratedRegex(@"^  SMTP    (\S+)$", RegexOptions.Multiline)]
    private static partial Regex SmtpLine();

    [GeneratedRegex(@"^  HTTP    (\S+)$", RegexOptions.Multiline)]
    private static partial Regex HttpLine();
}
