namespace Relay.Checks.DnsLists;

/// <summary>What a list says; of several answers the first in this order counts.</summary>
internal enum DnsListResult
{
    /// <summary>It is on the list.</summary>
    Listed,

    /// <summary>The list refuses to answer us.</summary>
    Refused,

    /// <summary>The list is no list: it lists what no list does, or its answers are none of a list.</summary>
    Broken,

    /// <summary>No answer, or SERVFAIL and the like.</summary>
    NoAnswer,

    /// <summary>It is not on the list.</summary>
    Clean,
}

/// <summary>The words of the log and of the metric.</summary>
internal static class DnsListWords
{
    public static string Word(this DnsListResult result) => result switch
    {
        DnsListResult.Listed => "listed",
        DnsListResult.Refused => "refused",
        DnsListResult.Broken => "broken",
        DnsListResult.NoAnswer => "no-answer",
        _ => "clean",
    };
}

/// <summary>What one list says of a message.</summary>
/// <param name="Zone">Which list.</param>
/// <param name="Weight">What being listed there adds.</param>
/// <param name="Result">What it says.</param>
internal sealed record DnsListAnswer(string Zone, int Weight, DnsListResult Result)
{
    /// <summary>The list's own words for why it lists; printable ASCII, and null where it has none.</summary>
    public string? Text { get; init; }

    /// <summary>What is listed and how, or why there is no answer.</summary>
    public string? Detail { get; init; }

    /// <summary>Questions to DNS.</summary>
    public int Lookups { get; init; }
}
