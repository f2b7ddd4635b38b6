using Relay.Spool;
using Relay.Tests.Spool.Azure;

namespace Relay.Tests.Spool;

public sealed class AzureQueueTests : QueueContract
{
    private AzureEstate estate = null!;

    public override async ValueTask InitializeAsync()
    {
        estate = await AzureEstate.MakeAsync(Time);
        await base.InitializeAsync();
    }

    protected override ISpool Open() => estate.Open();
}
