using Microsoft.Extensions.Logging;
using Relay.Checks.Arc;
using Relay.Checks.Content;
using Relay.Checks.Dkim;
using Relay.Checks.Dmarc;
using Relay.Checks.Spf;
using Relay.Dns;
using Relay.Options;

namespace Relay.Checks;

/// <summary>All checks of a configuration.</summary>
public static class CheckSet
{
    /// <summary>The checks, in any order: <see cref="CheckRunner"/> has its own.</summary>
    /// <param name="http">From <see cref="ContentChecks.CreateHttp"/>; it is not disposed of.</param>
    public static IReadOnlyList<ICheck> Of(
        RelayOptions options, IDnsResolver dns, HttpClient? http, TimeProvider time, ILoggerFactory logs) =>
    [
        .. ClientChecks.All(options, dns, time, logs),
        new SpfCheck(dns, options.HostName, time, options.Checks.Patience),
        new DkimCheck(dns, time, options.Checks.Patience),
        new ArcCheck(dns, time),
        new DmarcCheck(dns, options.Arc.TrustedSealers, time),
        .. ContentChecks.Create(options, http, time, logs),
    ];
}
