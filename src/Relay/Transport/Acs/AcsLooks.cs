using Relay.Status;

namespace Relay.Transport.Acs;

/// <summary>When an operation is looked at again: soon at first, ever more rarely, and for the last time when nothing more is to be hoped for. Pure.</summary>
internal static class AcsLooks
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Rarest = TimeSpan.FromHours(4);

    /// <summary>How long an operation and its reports are waited for.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromHours(24);

    /// <summary>The last look.</summary>
    public static DateTimeOffset EndOf(PendingOperation operation) =>
        (operation.SubmittedAt ?? throw new ArgumentException("it is not known to be submitted", nameof(operation))) + MaxWait;

    /// <summary>The next look, not before the service asks for it.</summary>
    public static DateTimeOffset Next(PendingOperation operation, DateTimeOffset now, TimeSpan? asked)
    {
        var age = now - operation.SubmittedAt!.Value;
        var pause = age < First ? First : age > Rarest ? Rarest : age;
        var next = now + (asked > pause ? asked.Value : pause);
        return next < EndOf(operation) ? next : EndOf(operation);
    }
}
