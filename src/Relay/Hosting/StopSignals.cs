using System.Runtime.InteropServices;

namespace Relay.Hosting;

/// <summary>SIGTERM and SIGINT (Ctrl+C): the first asks the relay to stop, the second ends the process at once.</summary>
public sealed class StopSignals : IDisposable
{
    private readonly TaskCompletionSource requested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration[] registrations;

    /// <summary>Listens from now on.</summary>
    public StopSignals() => registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
    ];

    /// <summary>Ends with the first signal.</summary>
    public Task Requested => requested.Task;

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(registrations, registration => registration.Dispose());

    // A signal that is not cancelled does what it does by itself: it ends the process.
    private void OnSignal(PosixSignalContext context) => context.Cancel = requested.TrySetResult();
}
