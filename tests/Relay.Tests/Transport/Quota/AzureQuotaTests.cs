using Relay.Support;
using Relay.Transport.Quota;

namespace Relay.Tests.Transport.Quota;

public sealed class AzureQuotaTests : QuotaContract, IAsyncLifetime
{
    private AzuriteStore store = null!;

    public async ValueTask InitializeAsync() => store = await AzuriteStore.NewAsync();

    public ValueTask DisposeAsync() => default;

    protected override IQuota Open() => new AzureQuota(store.Table, Time);
}
