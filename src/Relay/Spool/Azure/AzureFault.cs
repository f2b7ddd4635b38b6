using Azure;

namespace Relay.Spool.Azure;

/// <summary>What goes wrong in storage becomes a <see cref="SpoolException"/>: nothing of it is the client's fault, or permanent.</summary>
internal static class AzureFault
{
    /// <summary>Does something with storage.</summary>
    public static async Task<T> MapAsync<T>(string what, Func<Task<T>> action)
    {
        try
        {
            return await action();
        }
        catch (Exception e) when (IsStorage(e))
        {
            throw Of(what, e);
        }
    }

    /// <summary>Does something with storage.</summary>
    public static Task MapAsync(string what, Func<Task> action) => MapAsync(what, async () =>
    {
        await action();
        return 0;
    });

    /// <summary>The fault, with a cause in words that holds no address and no header of the request.</summary>
    public static SpoolException Of(string what, Exception e) =>
        new(SpoolFault.Unavailable, $"cannot {what}: {Cause(e)}", e);

    /// <summary>What storage, the way to it, or the way to a token for it can throw; a caller that gives up is none of them.</summary>
    public static bool IsStorage(Exception e) => e switch
    {
        SpoolException => false,
        RequestFailedException or HttpRequestException or IOException or global::Azure.Identity.AuthenticationFailedException => true,
        // A try that took too long, or several tries, each with a cause of its own.
        OperationCanceledException canceled => !canceled.CancellationToken.IsCancellationRequested,
        AggregateException many => many.InnerExceptions.All(IsStorage),
        _ => false,
    };

    private static string Cause(Exception e) => e switch
    {
        RequestFailedException { Status: > 0 } failed => $"{failed.Status} {failed.ErrorCode}".TrimEnd(),
        AggregateException { InnerExceptions: [.., var last] } => Cause(last),
        OperationCanceledException => "it took too long",
        RequestFailedException or HttpRequestException => e.GetBaseException().Message,
        _ => e.GetType().Name,
    };
}
