using Relay.Checks;

namespace Relay.Tests.Checks;

/// <summary>A check that finds what a test decides.</summary>
internal sealed class ScriptedCheck(CheckName name, CheckStage stage, Func<CheckSubject, CheckResult> run) : ICheck
{
    public CheckName Name => name;

    public CheckStage Stage => stage;

    public ValueTask<CheckResult> RunAsync(CheckSubject subject, CancellationToken cancel) => ValueTask.FromResult(run(subject));
}
