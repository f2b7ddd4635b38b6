using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;

namespace Relay.Spool.Azure;

/// <summary>How storage accounts are reached: who asks, over what, and how patiently.</summary>
/// <param name="Credential">Signs in.</param>
internal sealed record AzureAccess(TokenCredential Credential)
{
    /// <summary>
    /// Every request goes through these, each try of it: to count them, or to break them in a test.
    /// </summary>
    public IReadOnlyList<HttpPipelinePolicy> Policies { get; init; } = [];

    /// <summary>How often a request is tried again that storage did not answer, or refused for now.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>One try of a request; a session waits for several of them.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>As whom this process can sign in: its managed identity in Azure, the tools' user at a desk.</summary>
    public static AzureAccess OfThisProcess() => new(new DefaultAzureCredential());

    /// <summary>Puts the patience and the policies into the options of a client.</summary>
    public T Apply<T>(T options)
        where T : ClientOptions
    {
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.MaxRetries = Retries;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(2);
        options.Retry.NetworkTimeout = RequestTimeout;
        foreach (var policy in Policies)
        {
            options.AddPolicy(policy, HttpPipelinePosition.PerRetry);
        }

        return options;
    }
}
