using Relay.Options;

namespace Relay.Status;

/// <summary>What all questions in named texts have in common: the query string of the HTTP API, and the options of the commands.</summary>
internal static class QueryParameters
{
    private const int LongestShown = 80;
    private const int LongestCursor = 200;

    /// <summary>Takes one parameter; null when it is right, otherwise what is allowed.</summary>
    public delegate string? Apply(string name, string value);

    /// <summary>Reads all of them. A name that comes twice is a fault too: a filter that is passed over answers another question.</summary>
    public static List<QueryFault> Read(IEnumerable<KeyValuePair<string, string>> parameters, Apply apply)
    {
        var faults = new List<QueryFault>();
        var seen = new HashSet<string>();
        foreach (var (name, value) in parameters)
        {
            if (!seen.Add(name))
            {
                faults.Add(new QueryFault(name, "is given more than once"));
            }
            else if (apply(name, value) is { } allowed)
            {
                faults.Add(new QueryFault(name, $"\"{Shown(value)}\" is not allowed; allowed is {allowed}"));
            }
        }

        return faults;
    }

    /// <summary>How many entries are wanted.</summary>
    public static string? Limit(string value, int max, out int limit)
    {
        var kind = ValueKinds.Number(1, max);
        return kind.Parse(value, out limit) ? null : kind.Allowed;
    }

    /// <summary>Where the page before ended.</summary>
    public static string? Cursor(string value) => value.Length is > 0 and <= LongestCursor ? null : "the cursor of the page before, as it was";

    private static string Shown(string value) =>
        string.Concat((value.Length > LongestShown ? value[..LongestShown] + "…" : value).Select(c => char.IsControl(c) ? '?' : c));
}
