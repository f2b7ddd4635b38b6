using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Relay.Support.Functions;

/// <summary>The process of a custom handler, which is started again whenever it ends, and the host's way of speaking with it.</summary>
public sealed class HandlerProcess : IAsyncDisposable
{
    /// <summary>A handler that answers no ping by then has failed.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly PublishedApp app;
    private readonly IReadOnlyDictionary<string, string> settings;
    private readonly ConcurrentQueue<string> output = [];
    private readonly SemaphoreSlim restarting = new(1);
    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private Process process = null!;
    private int port;

    private HandlerProcess(PublishedApp app, IReadOnlyDictionary<string, string> settings)
    {
        this.app = app;
        this.settings = settings;
    }

    /// <summary>What it wrote, standard output and error together.</summary>
    public IReadOnlyCollection<string> Output => output;

    /// <summary>How often it was started.</summary>
    public int Starts { get; private set; }

    internal Uri Address => new($"http://127.0.0.1:{port}");

    internal HttpClient Client => client;

    internal static async Task<HandlerProcess> StartAsync(PublishedApp app, IReadOnlyDictionary<string, string> settings)
    {
        var handler = new HandlerProcess(app, settings);
        await handler.StartAsync();
        return handler;
    }

    /// <summary>Ends it as a crash does. It is started again with the next invocation.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        await process.WaitForExitAsync();
        process.Dispose();
        client.Dispose();
        restarting.Dispose();
    }

    /// <summary>Posts an invocation. False when it failed.</summary>
    internal async Task<bool> InvokeAsync(string function, string body, CancellationToken cancel)
    {
        await EnsureAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Address, function)) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Headers.TransferEncodingChunked = true;
        request.Headers.Add("X-Azure-Functions-InvocationId", Guid.NewGuid().ToString());
        request.Headers.Add("X-Azure-Functions-HostVersion", "4.1037.0");
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        using var timeout = new CancellationTokenSource(app.FunctionTimeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
        try
        {
            using var response = await client.SendAsync(request, either.Token);
            var answer = await response.Content.ReadAsByteArrayAsync(either.Token);
            if (response.IsSuccessStatusCode && answer.Length == 0)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, either.Token);
            }

            return response.IsSuccessStatusCode && response.Content.Headers.ContentType?.MediaType == "application/json" && IsObject(answer);
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            if (timeout.IsCancellationRequested)
            {
                await KillAsync();
            }

            return false;
        }
    }

    /// <summary>Starts it again where it has ended.</summary>
    internal async Task EnsureAsync()
    {
        await restarting.WaitAsync();
        try
        {
            if (process.HasExited)
            {
                process.Dispose();
                await StartAsync();
            }
        }
        finally
        {
            restarting.Release();
        }
    }

    private static bool IsObject(byte[] answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private async Task StartAsync()
    {
        port = FreePort();
        var start = new ProcessStartInfo(app.Executable) { WorkingDirectory = app.Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        start.Environment["FUNCTIONS_CUSTOMHANDLER_PORT"] = $"{port}";
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Starts++;
        using var late = new CancellationTokenSource(StartTimeout, TimeProvider.System);
        while (!await AnswersAsync(late.Token))
        {
            Assert.False(process.HasExited, $"the handler has ended: {string.Join('\n', output)}");
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancel)
    {
        try
        {
            using var response = await client.GetAsync(Address, cancel);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
