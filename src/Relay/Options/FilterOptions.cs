namespace Relay.Options;

/// <summary>A filter outside of Relay that is asked about the content of messages.</summary>
public sealed record FilterOptions
{
    /// <summary>Where it is, without the path of its question; null for no filter.</summary>
    public Uri? Url { get; init; }

    /// <summary>What it asks for before it answers; null for nothing. A secret.</summary>
    public string? Password { get; init; }

    /// <summary>For one message; a filter that takes longer has no answer. Shorter than <see cref="CheckOptions.Timeout"/>.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Octets of a message; a larger one is not sent to it.</summary>
    public long MaxSize { get; init; } = 20 * 1024 * 1024;
}
