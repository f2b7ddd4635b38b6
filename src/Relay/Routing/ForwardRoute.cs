namespace Relay.Routing;

/// <summary>What only a forward route has.</summary>
/// <param name="Targets">Where its mail goes: addresses, or <c>@other.example</c>, which keeps the local part.</param>
public sealed record ForwardRoute(IReadOnlyList<string> Targets);
