using Relay.Mail;

namespace Relay.Status;

/// <summary>What reading a query gave: the query, or everything that is wrong with it.</summary>
/// <param name="Query">Null when there are faults.</param>
/// <param name="Faults">Empty when there is a query.</param>
public sealed record QueueQueryResult(QueueQuery? Query, IReadOnlyList<QueryFault> Faults);

/// <summary>Reads a <see cref="QueueQuery"/> from named texts: the query string of the HTTP API and the options of <c>relay queue</c>.</summary>
public static class QueueQueryParser
{
    /// <summary>What is allowed for <c>state</c>.</summary>
    public const string AllowedStates = "one of queued, deferred, held, stuck (or setAside)";

    /// <summary>What is allowed for <c>domain</c>.</summary>
    public const string AllowedDomain = "a domain such as example.com";

    /// <summary>Reads a query. A name that is unknown or that comes twice is a fault too: a filter that is passed over answers another question.</summary>
    public static QueueQueryResult Parse(IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var query = new QueueQuery();
        var faults = QueryParameters.Read(parameters, (name, value) => Apply(name, value, ref query));
        return faults.Count == 0 ? new QueueQueryResult(query, []) : new QueueQueryResult(null, faults);
    }

    /// <summary>The form of a domain that is compared, or null for what is none.</summary>
    public static string? Domain(string value) =>
        value.StartsWith('[') && Mailbox.IsDomain(System.Text.Encoding.UTF8.GetBytes(value)) ? value.ToLowerInvariant()
        : DomainName.TryToHost(value, out var host) ? host
        : null;

    /// <summary>Takes one parameter into the query; null when it is right, otherwise what is allowed.</summary>
    private static string? Apply(string name, string value, ref QueueQuery query)
    {
        switch (name)
        {
            case "state":
                query = query with { State = StateOf(value) };
                return query.State is null ? AllowedStates : null;
            case "domain":
                query = query with { Domain = Domain(value) };
                return query.Domain is null ? AllowedDomain : null;
            case "order":
                query = query with { Order = value == "age" ? QueueOrder.Age : QueueOrder.Due };
                return value is "age" or "due" ? null : "due or age";
            case "limit":
                var allowed = QueryParameters.Limit(value, QueueQuery.MaxLimit, out var limit);
                query = query with { Limit = limit };
                return allowed;
            case "cursor":
                query = query with { Cursor = value };
                return QueryParameters.Cursor(value);
            default:
                return "no such parameter; the parameters are state, domain, order, limit, cursor";
        }
    }

    private static QueueState? StateOf(string value) => value.ToLowerInvariant() switch
    {
        "queued" => QueueState.Queued,
        "deferred" => QueueState.Deferred,
        "held" => QueueState.Held,
        "stuck" or "setaside" => QueueState.SetAside,
        _ => null,
    };
}
