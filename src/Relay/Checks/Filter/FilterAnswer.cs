using System.Text.Json.Serialization;

namespace Relay.Checks.Filter;

/// <summary>What the filter says of a message. Whatever else it says is passed over.</summary>
internal sealed record FilterAnswer
{
    /// <summary>What it asks for, in its own words, such as <c>add header</c>.</summary>
    public string? Action { get; init; }

    /// <summary>How bad the message is.</summary>
    public double? Score { get; init; }

    /// <summary>The score at which it asks to refuse.</summary>
    public double? RequiredScore { get; init; }

    /// <summary>What the score is made of, by name.</summary>
    public IReadOnlyDictionary<string, FilterSymbol>? Symbols { get; init; }

    /// <summary>What is to be told to whom.</summary>
    public FilterMessages? Messages { get; init; }
}

/// <summary>One part of the score.</summary>
internal sealed record FilterSymbol
{
    /// <summary>What it adds; below zero for good signs.</summary>
    public double? Score { get; init; }
}

/// <summary>What is to be told to whom.</summary>
internal sealed record FilterMessages
{
    /// <summary>For the reply to the client.</summary>
    public string? SmtpMessage { get; init; }
}

/// <summary>The JSON of the filter.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(FilterAnswer))]
internal sealed partial class FilterJson : JsonSerializerContext;
