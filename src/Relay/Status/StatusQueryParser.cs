using System.Globalization;
using Relay.Mail;
using Relay.Options;

namespace Relay.Status;

/// <summary>What reading a query gave: the query, or everything that is wrong with it.</summary>
/// <param name="Query">Null when there are faults.</param>
/// <param name="Faults">Empty when there is a query.</param>
public sealed record StatusQueryResult(StatusQuery? Query, IReadOnlyList<QueryFault> Faults);

/// <summary>One wrong parameter of a query.</summary>
/// <param name="Parameter">Its name.</param>
/// <param name="Problem">What was given and what is allowed, in words.</param>
public sealed record QueryFault(string Parameter, string Problem);

/// <summary>Reads a <see cref="StatusQuery"/> from named texts: the query string of the HTTP API and the options of <c>relay list</c>.</summary>
public static class StatusQueryParser
{
    /// <summary>What is allowed for <c>since</c> and <c>until</c>.</summary>
    public const string AllowedTime = "a time such as 2026-05-01, 2026-05-01T08:00Z, or how long ago, such as 15m, 2h or 7d";

    private const string AllowedAddress = "a mail address such as user@example.com";

    private static readonly TimeSpan LongestAgo = TimeSpan.FromDays(36_500);

    private static readonly string[] TimeFormats =
        ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    private static readonly Dictionary<string, RecipientState> States =
        Enum.GetValues<RecipientState>().ToDictionary(state => state.ToString(), StringComparer.OrdinalIgnoreCase);

    /// <summary>What is allowed for <c>state</c>.</summary>
    public static string AllowedStates { get; } = "one of " + string.Join(", ", States.Keys.Select(name => name.ToLowerInvariant()));

    /// <summary>Reads a query. A name that is unknown or that comes twice is a fault too: a filter that is passed over answers another question.</summary>
    public static StatusQueryResult Parse(IEnumerable<KeyValuePair<string, string>> parameters, TimeProvider time)
    {
        var query = new StatusQuery();
        var faults = QueryParameters.Read(parameters, (name, value) => Apply(name, value, time, ref query));
        if (query.Since >= query.Until)
        {
            faults.Add(new QueryFault("until", "is not later than since"));
        }

        return faults.Count == 0 ? new StatusQueryResult(query, []) : new StatusQueryResult(null, faults);
    }

    /// <summary>Takes one parameter into the query; null when it is right, otherwise what is allowed.</summary>
    private static string? Apply(string name, string value, TimeProvider time, ref StatusQuery query)
    {
        switch (name)
        {
            case "since":
                query = query with { Since = Time(value, time) };
                return query.Since is null ? AllowedTime : null;
            case "until":
                query = query with { Until = Time(value, time) };
                return query.Until is null ? AllowedTime : null;
            case "state":
                query = query with { State = States.TryGetValue(value, out var state) ? state : null };
                return query.State is null ? AllowedStates : null;
            case "sender":
                query = query with { Sender = value == "<>" ? ReversePath.Null.ToString() : Address(value) };
                return query.Sender is null ? AllowedAddress + ", or <> for the null reverse-path" : null;
            case "recipient":
                query = query with { Recipient = Address(value) };
                return query.Recipient is null ? AllowedAddress : null;
            case "limit":
                var allowed = QueryParameters.Limit(value, StatusQuery.MaxLimit, out var limit);
                query = query with { Limit = limit };
                return allowed;
            case "cursor":
                query = query with { Cursor = value };
                return QueryParameters.Cursor(value);
            default:
                return "no such parameter; the parameters are since, until, state, sender, recipient, limit, cursor";
        }
    }

    private static DateTimeOffset? Time(string value, TimeProvider time)
    {
        if (Quantities.TryDuration(value, out var ago) && ago <= LongestAgo)
        {
            return time.GetUtcNow() - ago;
        }

        return DateTimeOffset.TryParseExact(
            value, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)
            ? at
            : null;
    }

    private static string? Address(string value) => Mailbox.TryParse(value, out var mailbox) ? mailbox.ToString() : null;
}
