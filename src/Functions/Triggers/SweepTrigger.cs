using Relay.Delivery;

namespace Relay.Functions.Triggers;

/// <summary>The function <c>Sweep</c>, on a timer: lost work comes again, and what is over goes.</summary>
internal sealed class SweepTrigger(Sweep sweep) : ITrigger
{
    /// <inheritdoc/>
    public string Name => "Sweep";

    /// <inheritdoc/>
    public Task RunAsync(Invocation invocation, CancellationToken cancel) => sweep.OnceAsync(cancel);
}
