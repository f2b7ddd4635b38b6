using Azure;
using Azure.Identity;

namespace Relay.Spool.Azure;

/// <summary>What a failure of Azure Storage is for whoever asked.</summary>
internal static class StoreFault
{
    /// <summary>Null where it is none of the storage's: a bug, or the caller gave up.</summary>
    public static SpoolException? Of(Exception e) => e switch
    {
        SpoolException => null,
        RequestFailedException failed => Unavailable($"{failed.Status} {failed.ErrorCode ?? "no answer"}", failed),
        AuthenticationFailedException => Unavailable("we cannot sign in", e),
        // Several tries that failed, each with its own cause.
        AggregateException { InnerExceptions: [.., RequestFailedException failed] } => Unavailable($"{failed.Status} {failed.ErrorCode ?? "no answer"}", e),
        OperationCanceledException { InnerException: TimeoutException } => Unavailable("no answer in time", e),
        IOException => Unavailable(e.Message, e),
        _ => null,
    };

    private static SpoolException Unavailable(string what, Exception cause) =>
        new(SpoolFault.Unavailable, $"Azure Storage: {what}", cause);
}
