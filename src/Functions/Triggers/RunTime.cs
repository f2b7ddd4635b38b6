namespace Relay.Functions.Triggers;

/// <summary>How long one run of a function may take. The host kills the whole process when one of them takes longer than it allows.</summary>
internal sealed class RunTime : IDisposable
{
    /// <summary>
    /// What <c>functionTimeout</c> of <c>host.json</c> says: room for an attempt over all its hosts, and for the reply to the final dot.
    /// </summary>
    public static readonly TimeSpan FunctionTimeout = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan ForTheStep = FunctionTimeout - TimeSpan.FromMinutes(4);
    private static readonly TimeSpan ForAll = FunctionTimeout - TimeSpan.FromMinutes(1);
    private readonly CancellationTokenSource step;
    private readonly CancellationTokenSource all;
    private readonly CancellationTokenSource either;

    /// <summary>Begins now.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">The host has gone.</param>
    public RunTime(TimeProvider time, CancellationToken cancel)
    {
        step = new CancellationTokenSource(ForTheStep, time);
        all = new CancellationTokenSource(ForAll, time);
        either = CancellationTokenSource.CreateLinkedTokenSource(all.Token, cancel);
    }

    /// <summary>What is not done by then is to be handed on as new work.</summary>
    public CancellationToken HandOn => step.Token;

    /// <summary>It is to end, without a result if need be.</summary>
    public CancellationToken End => either.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        either.Dispose();
        all.Dispose();
        step.Dispose();
    }
}
