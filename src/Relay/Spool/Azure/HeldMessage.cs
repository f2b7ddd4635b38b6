using Azure.Storage.Queues;

namespace Relay.Spool.Azure;

/// <summary>A message of a queue that this process has taken, and has to give back or to delete.</summary>
internal sealed class HeldMessage(QueueClient queue, string id, string popReceipt, int dequeues, DateTimeOffset shownAt)
{
    /// <summary>A change gives a new receipt, and the old one is worth nothing any more.</summary>
    private readonly Lock gate = new();

    private Task last = Task.CompletedTask;
    private string receipt = popReceipt;
    private bool isOver;

    /// <summary>How often it was taken, this time counted in.</summary>
    public int Dequeues => dequeues;

    /// <summary>When it was taken, or its lease renewed.</summary>
    public DateTimeOffset ShownAt { get; private set; } = shownAt;

    /// <summary>Keeps it from others for some time more.</summary>
    public Task HideAsync(TimeSpan period, DateTimeOffset now) => RunAsync(async () =>
    {
        receipt = (await queue.UpdateMessageAsync(id, receipt, (string?)null, period)).Value.PopReceipt;
        ShownAt = now;
    });

    /// <summary>Lets others have it, after a pause.</summary>
    public Task ShowAsync(TimeSpan pause) => RunAsync(async () =>
    {
        isOver = true;
        await queue.UpdateMessageAsync(id, receipt, (string?)null, pause);
    });

    /// <summary>It has served its purpose.</summary>
    public Task DeleteAsync() => RunAsync(async () =>
    {
        isOver = true;
        await queue.DeleteMessageAsync(id, receipt);
    });

    /// <summary>The same, if storage is not in trouble: otherwise it comes again when its lease is over.</summary>
    public Task TryShowAsync(TimeSpan pause) => TryAsync("give a queue message back", () => ShowAsync(pause));

    /// <summary>The same, under the same condition.</summary>
    public Task TryDeleteAsync() => TryAsync("delete a queue message", DeleteAsync);

    private static async Task TryAsync(string what, Func<Task> action)
    {
        try
        {
            await AzureFault.MapAsync(what, action);
        }
        catch (SpoolException)
        {
            // Its lease ends by itself.
        }
    }

    private Task RunAsync(Func<Task> action)
    {
        lock (gate)
        {
            return last = AfterAsync(last, action);
        }
    }

    private async Task AfterAsync(Task before, Func<Task> action)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!isOver)
        {
            await action();
        }
    }
}
