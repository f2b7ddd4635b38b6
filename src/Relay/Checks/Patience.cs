namespace Relay.Checks;

/// <summary>Bounds what one of several who are asked may take, so that the others still count.</summary>
internal static class Patience
{
    /// <summary>What is asked for, or something else where it takes too long. A cancellation by others goes through.</summary>
    public static async Task<T> WithinAsync<T>(
        TimeSpan patience, TimeProvider time, Func<CancellationToken, Task<T>> ask, Func<T> otherwise, CancellationToken cancel)
    {
        using var enough = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, enough.Token);
        try
        {
            return await ask(either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return otherwise();
        }
    }
}
