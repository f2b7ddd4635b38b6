using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;

namespace Relay.SmtpIngress.Tests;

/// <summary>Waits for what another thread will do.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Polls until the condition holds; fails after half a minute, which only a hang needs.</summary>
    public static async Task HoldsAsync(Func<bool> condition, string what, FakeTimeProvider? clock = null)
    {
        var began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"never came to be: {what}");
            clock?.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }
    }

    /// <summary>
    /// Lets the fake clock run until the task has completed, since nobody can tell from outside when a session begins to
    /// wait. It says how long that took at least.
    /// </summary>
    public static async Task<T> AfterAsync<T>(FakeTimeProvider clock, TimeSpan atLeast, Task<T> task)
    {
        var began = clock.GetUtcNow();
        await HoldsAsync(() => task.IsCompleted, "the end of a wait", clock);
        Assert.True(clock.GetUtcNow() - began >= atLeast, "too early");
        return await task;
    }
}
