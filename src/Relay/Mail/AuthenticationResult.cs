namespace Relay.Mail;

/// <summary>What one method of authentication came to, in the words of RFC 8601 §2.7.</summary>
/// <param name="Method">Such as <c>spf</c>, <c>dkim</c>, <c>dmarc</c>, <c>arc</c>, <c>iprev</c>.</param>
/// <param name="Result">Such as <c>pass</c>, <c>fail</c>, <c>softfail</c>, <c>neutral</c>, <c>none</c>, <c>policy</c>, <c>temperror</c>, <c>permerror</c>.</param>
public sealed record AuthenticationResult(string Method, string Result)
{
    /// <summary>Why, in words for people; null for none.</summary>
    public string? Comment { get; init; }

    /// <summary>What was looked at, such as <c>smtp.mailfrom</c> and its value.</summary>
    public IReadOnlyList<(string Property, string Value)> Properties { get; init; } = [];

    /// <summary>The value of a property; null where it has none of that name.</summary>
    public string? this[string property] => Properties.FirstOrDefault(p => p.Property == property).Value;
}
