using Relay.Accounts;

namespace Relay.Transport.Quota;

/// <summary>What a service allows in a time, shared by all instances of an estate: what one of them takes is gone for the others.</summary>
public interface IQuota
{
    /// <summary>Takes so many from each of the limits, or from none of them.</summary>
    /// <param name="name">What is limited.</param>
    /// <param name="count">At least 1, and at most the smallest limit.</param>
    /// <param name="limits">How many in which times; the same in every instance.</param>
    /// <param name="cancel">Gives up waiting.</param>
    /// <returns>Null when they are taken; otherwise from when on they may be there.</returns>
    Task<DateTimeOffset?> TryTakeAsync(string name, int count, IReadOnlyList<Rate> limits, CancellationToken cancel);

    /// <summary>Nothing more is to be had before <paramref name="until"/>: the service says so.</summary>
    Task EmptyAsync(string name, DateTimeOffset until, CancellationToken cancel);
}
