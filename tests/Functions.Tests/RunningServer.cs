using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Relay.Addresses;
using Relay.Certificates;
using Relay.Hosting;
using Relay.Options;
using Relay.Support;

namespace Relay.Functions.Tests;

/// <summary>The real server on a free port, with a client.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly HttpServer server;

    private RunningServer(Func<IReadOnlyList<CertificateExpiry>>? certificates, string? eventsKey)
    {
        var options = new RelayOptions
        {
            HostName = "relay.example.com",
            Data = "",
            Domains = [new DomainOptions { Name = "configured.example", Recipients = ["info"] }],
            Aliases = [new Alias("configured@example.com", ["a@example.org"])],
            Acs = new AcsOptions { EventsKey = eventsKey },
            Http = new HttpOptions { Listener = new IPEndPoint(IPAddress.Loopback, 0) },
        };
        Addresses = new MemoryAddressBook(Time);
        server = new HttpServer(options, Spool, Accounts, Addresses, Readiness, Time, Logs, certificates);
    }

    public TestSpool Spool { get; } = new();

    public TestAccounts Accounts { get; } = new();

    public MemoryAddressBook Addresses { get; }

    public Readiness Readiness { get; } = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));

    public RecordedLogs Logs { get; } = new();

    public HttpClient Client { get; } = new();

    public IPEndPoint Address => server.Address;

    public static async Task<RunningServer> StartAsync(
        Func<IReadOnlyList<CertificateExpiry>>? certificates = null, string? eventsKey = null)
    {
        var running = new RunningServer(certificates, eventsKey);
        await running.server.StartAsync(default);
        running.Client.BaseAddress = new Uri($"http://{running.server.Address}");
        return running;
    }

    public Task StopAsync() => server.StopAsync(default);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await server.DisposeAsync();
    }
}

/// <summary>Keeps what is logged at error level.</summary>
internal sealed class RecordedLogs : ILoggerFactory, ILogger
{
    public ConcurrentQueue<string> Errors { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            Errors.Enqueue(formatter(state, exception));
        }
    }

    public void Dispose()
    {
    }
}
