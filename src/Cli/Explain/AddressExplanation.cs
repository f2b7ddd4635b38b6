using System.Text.Json.Serialization;

namespace Relay.Cli.Explain;

/// <summary>What would become of mail to an address, and why.</summary>
/// <param name="Address">The address.</param>
/// <param name="Sender">The reverse-path; empty for the null one.</param>
/// <param name="Account">Whom the client is signed in as; null for nobody.</param>
/// <param name="Size">Octets; null where it is not known.</param>
/// <param name="Ending">What it comes to.</param>
/// <param name="Suppressed">Why it is not sent, of an address on the suppression list; null when it is not there.</param>
/// <param name="AliasOf">The addresses that it stands for; empty when it is no alias.</param>
/// <param name="Routes">What each route makes of it, in order.</param>
/// <param name="Ways">The way over each route that takes it or, for want of facts, may take it.</param>
internal sealed record AddressExplanation(
    string Address,
    string Sender,
    string? Account,
    long? Size,
    Ending Ending,
    string? Suppressed,
    IReadOnlyList<string> AliasOf,
    IReadOnlyList<ExplainedRoute> Routes,
    IReadOnlyList<ExplainedWay> Ways);

/// <summary>What the mail comes to.</summary>
internal enum Ending
{
    /// <summary>There is a way for it.</summary>
    [JsonStringEnumMemberName("leads")]
    Leads,

    /// <summary>It is refused, or would bounce.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,

    /// <summary>DNS gave no answer: the mail would wait.</summary>
    [JsonStringEnumMemberName("no-answer")]
    NoAnswer,
}

/// <summary>What one route makes of the mail.</summary>
/// <param name="Name">The name of the route.</param>
/// <param name="Kind">How its mail leaves.</param>
/// <param name="Match">yes, no, maybe, or unreached for one behind the route that takes it.</param>
/// <param name="Why">In words.</param>
internal sealed record ExplainedRoute(string Name, string Kind, string Match, string Why);

/// <summary>The way over one route.</summary>
/// <param name="Route">The name of the route.</param>
/// <param name="What">What happens, in words.</param>
/// <param name="Hosts">By SMTP the hosts in the order to try them, those that are not tried behind them; null for other kinds.</param>
/// <param name="Reason">Why nobody is tried: one of the reason codes; null where somebody is.</param>
/// <param name="Reply">The same in the words that the sender gets.</param>
/// <param name="Fallback">The route that takes what this one cannot carry; null for none.</param>
internal sealed record ExplainedWay(
    string Route, string What, IReadOnlyList<ExplainedHost>? Hosts, string? Reason, string? Reply, string? Fallback);

/// <summary>A host of a way.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Preference">Of its MX record; null where there is none.</param>
/// <param name="Addresses">In the order to try them.</param>
/// <param name="WhyNot">Why it is not tried; null when it is.</param>
internal sealed record ExplainedHost(string Name, int? Preference, IReadOnlyList<string> Addresses, string? WhyNot);

/// <summary>On one line; what is not there is null.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(AddressExplanation))]
internal sealed partial class ExplainJson : JsonSerializerContext;
