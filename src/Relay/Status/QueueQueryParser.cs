using Relay.Mail;
using Relay.Options;

namespace Relay.Status;

/// <summary>What reading a query gave: the query, or everything that is wrong with it.</summary>
/// <param name="Query">Null when there are faults.</param>
/// <param name="Faults">Empty when there is a query.</param>
public sealed record QueueQueryResult(QueueQuery? Query, IReadOnlyList<QueryFault> Faults);

/// <summary>Reads a <see cref="QueueQuery"/> from named texts: the query string of the HTTP API and the options of <c>relay queue</c>.</summary>
public static class QueueQueryParser
{
    private const int LongestShown = 80;
    private const int LongestCursor = 200;

    /// <summary>What is allowed for <c>state</c>.</summary>
    public const string AllowedStates = "one of queued, deferred, held, setAside";

    /// <summary>What is allowed for <c>domain</c>.</summary>
    public const string AllowedDomain = "a domain such as example.com";

    /// <summary>Reads a query. A name that is unknown or that comes twice is a fault too: a filter that is passed over answers another question.</summary>
    public static QueueQueryResult Parse(IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var query = new QueueQuery();
        var faults = new List<QueryFault>();
        var seen = new HashSet<string>();
        foreach (var (name, value) in parameters)
        {
            if (!seen.Add(name))
            {
                faults.Add(new QueryFault(name, "is given more than once"));
            }
            else if (Apply(name, value, ref query) is { } allowed)
            {
                faults.Add(new QueryFault(name, $"\"{Shown(value)}\" is not allowed; allowed is {allowed}"));
            }
        }

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
                var limit = ValueKinds.Number(1, QueueQuery.MaxLimit);
                var isLimit = limit.Parse(value, out var number);
                query = query with { Limit = number };
                return isLimit ? null : limit.Allowed;
            case "cursor":
                query = query with { Cursor = value };
                return value.Length is > 0 and <= LongestCursor ? null : "the cursor of the page before, as it was";
            default:
                return "no such parameter; the parameters are state, domain, order, limit, cursor";
        }
    }

    private static QueueState? StateOf(string value) => value.ToLowerInvariant() switch
    {
        "queued" => QueueState.Queued,
        "deferred" => QueueState.Deferred,
        "held" => QueueState.Held,
        "setaside" => QueueState.SetAside,
        _ => null,
    };

    private static string Shown(string value) =>
        string.Concat((value.Length > LongestShown ? value[..LongestShown] + "…" : value).Select(c => char.IsControl(c) ? '?' : c));
}
