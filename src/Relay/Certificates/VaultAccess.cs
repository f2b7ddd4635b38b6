using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;

namespace Relay.Certificates;

/// <summary>How vaults are reached: who asks, and over what.</summary>
/// <param name="Credential">Signs in.</param>
/// <param name="Transport">Null for the usual one.</param>
internal sealed record VaultAccess(TokenCredential Credential, HttpPipelineTransport? Transport = null)
{
    /// <summary>As whom this process can sign in: its managed identity in Azure, the tools' user at a desk.</summary>
    public static VaultAccess OfThisProcess() => new(new DefaultAzureCredential());
}
