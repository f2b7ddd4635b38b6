using Microsoft.Extensions.Logging;
using Relay.Dns;
using Relay.Options;

namespace Relay.Checks;

/// <summary>All checks of a configuration.</summary>
public static class CheckSet
{
    /// <summary>The checks, in any order: <see cref="CheckRunner"/> has its own.</summary>
    public static IReadOnlyList<ICheck> Of(RelayOptions options, IDnsResolver dns, TimeProvider time, ILoggerFactory logs) =>
    [
        .. ClientChecks.All(options, dns, time, logs),
    ];
}
