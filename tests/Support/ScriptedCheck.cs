using Relay.Checks;

namespace Relay.Support;

/// <summary>A check that finds what a test decides.</summary>
public sealed class ScriptedCheck(CheckName name, CheckStage stage, Func<CheckSubject, CheckResult> run) : ICheck
{
    /// <inheritdoc/>
    public CheckName Name => name;

    /// <inheritdoc/>
    public CheckStage Stage => stage;

    /// <inheritdoc/>
    public ValueTask<CheckResult> RunAsync(CheckSubject subject, CancellationToken cancel) => ValueTask.FromResult(run(subject));
}
