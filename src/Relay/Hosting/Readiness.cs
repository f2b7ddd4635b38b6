namespace Relay.Hosting;

/// <summary>What this process knows of its own readiness for new work.</summary>
public sealed class Readiness
{
    private volatile bool draining;

    /// <summary>True from the moment that the relay begins to stop: a load balancer must send no more.</summary>
    public bool Draining
    {
        get => draining;
        set => draining = value;
    }
}
