using Azure.Storage.Queues;

namespace Relay.Spool.Azure;

/// <summary>A message of a queue that this process has taken, and has to give back or to delete.</summary>
internal sealed class HeldMessage(QueueClient queue, string id, string popReceipt, int dequeues, DateTimeOffset shownAt)
{
    /// <summary>A change gives a new receipt, and the old one is worth nothing any more.</summary>
    private readonly SemaphoreSlim one = new(1);

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

    private async Task RunAsync(Func<Task> action)
    {
        await one.WaitAsync();
        try
        {
            if (!isOver)
            {
                await action();
            }
        }
        finally
        {
            one.Release();
        }
    }
}
