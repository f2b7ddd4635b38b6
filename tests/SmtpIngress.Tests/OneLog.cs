using Microsoft.Extensions.Logging;
using Relay.Support;

namespace Relay.SmtpIngress.Tests;

/// <summary>All that a server logs, whatever its category.</summary>
internal sealed class OneLog : ILoggerFactory
{
    public RecordingLog<SmtpServer> Log { get; } = new();

    public ILogger CreateLogger(string categoryName) => Log;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
