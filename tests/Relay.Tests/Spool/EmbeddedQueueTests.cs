using Microsoft.Extensions.Logging.Abstractions;
using Relay.Spool;
using Relay.Spool.Embedded;

namespace Relay.Tests.Spool;

public sealed class EmbeddedQueueTests : QueueContract
{
    private readonly string folder = Directory.CreateTempSubdirectory("relay-queue-").FullName;

    protected override ISpool Open() => EmbeddedSpool.Open(folder, Time, NullLogger<EmbeddedSpool>.Instance);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
