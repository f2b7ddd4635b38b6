using System.Collections.Concurrent;
using Azure.Storage.Queues;

namespace Relay.Support.Functions;

/// <summary>
/// A double of the host of Azure Functions: it starts a published custom handler, and speaks with it as the real one does, with
/// its harsh sides: an answer without a body never completes and has the handler killed in the end; what is chunked is not
/// forwarded; a lease that runs out delivers twice; what fails too often goes to the poison queue.
/// </summary>
public sealed class FunctionsHost : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly List<Task> loops = [];
    private readonly HttpFront front;

    private FunctionsHost(PublishedApp app, HandlerProcess handler, HttpFront front)
    {
        App = app;
        Handler = handler;
        this.front = front;
    }

    /// <summary>What was published.</summary>
    public PublishedApp App { get; }

    /// <summary>The handler's process.</summary>
    public HandlerProcess Handler { get; }

    /// <summary>What the world sees.</summary>
    public Uri Address => front.Address;

    /// <summary>The name and the outcome of each invocation that has ended, in their order.</summary>
    public ConcurrentQueue<(string Function, bool Succeeded)> Invocations { get; } = [];

    /// <summary>Starts the handler, waits for its answer to a ping, and then polls and listens.</summary>
    /// <param name="folder">Where it was published to.</param>
    /// <param name="settings">The settings of the function app, those of connections among them.</param>
    /// <param name="change">Other times than the published ones, so that a test need not wait.</param>
    /// <param name="leaseTime">How long a message that was taken is invisible; null for the ten minutes of the real host, which renews them.</param>
    public static async Task<FunctionsHost> StartAsync(
        string folder, IReadOnlyDictionary<string, string> settings, Func<PublishedApp, PublishedApp>? change = null, TimeSpan? leaseTime = null)
    {
        var app = PublishedApp.Read(folder);
        app = change is null ? app : change(app);
        var handler = await HandlerProcess.StartAsync(app, settings);
        var host = new FunctionsHost(app, handler, await HttpFront.StartAsync(app, handler));
        foreach (var function in app.Functions)
        {
            switch (function.Trigger)
            {
                case "queueTrigger":
                    var queues = new QueueServiceClient(
                        settings[function.Connection!], new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None });
                    var listener = new QueueListener(app, function, queues, host, leaseTime);
                    host.loops.Add(Task.Run(() => listener.RunAsync(host.stopping.Token)));
                    break;
                case "timerTrigger":
                    host.loops.Add(Task.Run(() => host.TimerAsync(function)));
                    break;
            }
        }

        return host;
    }

    /// <summary>Runs a timer function now.</summary>
    public Task<bool> RunTimerAsync(string name) => TriggerAsync(App.Functions.Single(f => f.Name == name && f.Trigger == "timerTrigger"));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAll(loops);
        await front.DisposeAsync();
        await Handler.DisposeAsync();
        stopping.Dispose();
    }

    internal async Task<bool> InvokeAsync(PublishedFunction function, string body)
    {
        var succeeded = await Handler.InvokeAsync(function.Name, body, stopping.Token);
        Invocations.Enqueue((function.Name, succeeded));
        return succeeded;
    }

    private Task<bool> TriggerAsync(PublishedFunction function) => InvokeAsync(function,
        $$$"""{"Data":{"{{{function.Binding}}}":{"Schedule":{"AdjustForDST":true},"ScheduleStatus":null,"IsPastDue":false}},"Metadata":{"sys":{"MethodName":"{{{function.Name}}}"}}}""");

    private async Task TimerAsync(PublishedFunction function)
    {
        var schedule = new TimerSchedule(function.Schedule!);
        try
        {
            while (true)
            {
                var now = TimeProvider.System.GetUtcNow();
                await Task.Delay(schedule.After(now) - now, TimeProvider.System, stopping.Token);
                await TriggerAsync(function);
            }
        }
        catch (OperationCanceledException)
        {
            // The host ends.
        }
    }
}
