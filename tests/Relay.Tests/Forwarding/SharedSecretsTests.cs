using Relay.Forwarding;
using Relay.Options;
using Relay.Spool;
using Relay.Support;

namespace Relay.Tests.Forwarding;

/// <summary>The secrets of many instances, in a blob.</summary>
public sealed class SharedSecretsTests : IAsyncLifetime
{
    private AzuriteStore store = null!;

    public async ValueTask InitializeAsync() => store = await AzuriteStore.NewAsync();

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task Several_that_make_it_at_the_same_time_have_the_same()
    {
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(OpenAsync)));

        Assert.Equal(43, Assert.Single(made.Select(secrets => Convert.ToHexString(secrets.Current)).Distinct()).Length / 2);
    }

    [Fact]
    public async Task A_blob_that_holds_no_secrets_is_a_fault_and_stays()
    {
        await store.Container.GetBlobClient("srs.key").UploadAsync(BinaryData.FromString("short\n"));

        var fault = await Assert.ThrowsAsync<SpoolException>(OpenAsync);

        Assert.Equal(SpoolFault.Corrupt, fault.Fault);
        Assert.DoesNotContain("short", fault.Message);
    }

    [Fact]
    public async Task Without_the_container_it_is_a_fault_of_the_spool()
    {
        await store.Container.DeleteAsync();

        Assert.Equal(SpoolFault.Unavailable, (await Assert.ThrowsAsync<SpoolException>(OpenAsync)).Fault);
    }

    private Task<ReturnPathSecrets> OpenAsync() => ReturnPathSecrets.OpenAsync(new RelayOptions { HostName = "relay.example", Data = "unused" }, store.Container, default);
}
