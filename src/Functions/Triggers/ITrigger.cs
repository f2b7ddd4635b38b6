namespace Relay.Functions.Triggers;

/// <summary>
/// One function of the app other than those of HTTP. The classes of this folder are all that knows how Azure Functions calls: to
/// move to its in-language worker is to write these anew.
/// </summary>
internal interface ITrigger
{
    /// <summary>The name of the function: of its folder beside <c>host.json</c>, and of the path that the host posts to.</summary>
    string Name { get; }

    /// <summary>Runs it. What it throws makes the host call again, later and as often as <c>host.json</c> says.</summary>
    Task RunAsync(Invocation invocation, CancellationToken cancel);
}
