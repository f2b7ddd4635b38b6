namespace Relay.Options;

/// <summary>One sort of value that a setting can have: how it is read from text, how it is written, and what is allowed.</summary>
/// <param name="Allowed">Completes "allowed is …", for faults and for <c>docs/configuration.md</c>.</param>
/// <param name="Parse">Reads text that is already trimmed.</param>
/// <param name="Format">The text that <paramref name="Parse"/> reads back.</param>
internal sealed record ValueKind<T>(string Allowed, TryParse<T> Parse, Func<T, string> Format)
{
    /// <summary>A fault does not show what was given.</summary>
    public bool IsSecret { get; init; }
}

/// <summary>Reads a value; false when the text is not one that is allowed.</summary>
internal delegate bool TryParse<T>(string text, out T value);
