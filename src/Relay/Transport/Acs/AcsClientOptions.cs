using Azure.Core;

namespace Relay.Transport.Acs;

/// <summary>
/// How the service is called. Nothing is sent twice by the pipeline: whether a request may be repeated is decided by who knows
/// the message. Nothing of a request is logged either.
/// </summary>
internal sealed class AcsClientOptions : ClientOptions
{
    /// <summary>The version of the REST API that is spoken.</summary>
    public const string ApiVersion = "2023-03-31";

    public AcsClientOptions()
    {
        Retry.MaxRetries = 0;
        Retry.NetworkTimeout = Timeout.InfiniteTimeSpan;
        Diagnostics.IsLoggingEnabled = false;
        Diagnostics.IsDistributedTracingEnabled = false;
        Diagnostics.IsTelemetryEnabled = false;
    }
}
