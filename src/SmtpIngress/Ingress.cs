using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Accounts;
using Relay.Delivery;
using Relay.Hosting;
using Relay.Options;

namespace Relay.SmtpIngress;

/// <summary>The door of an estate, put together: who may sign in, what is checked, and the server that takes mail into the spool.</summary>
public sealed class Ingress : IAsyncDisposable
{
    private readonly SmtpServer smtp;
    private readonly HttpClient? web;

    /// <summary>Composes it; nothing listens yet.</summary>
    public Ingress(RelayOptions options, EstateParts parts, StepSet set, ILoggerFactory logs, TimeProvider time)
    {
        TokenValidator? tokens = null;
        if (options.Auth.TokenAuthority is not null)
        {
            web = new HttpClient();
            tokens = new TokenValidator(options.Auth, web, time, logs.CreateLogger<TokenValidator>());
        }

        var authenticator = new Authenticator(parts.Accounts, options.Auth, time, logs.CreateLogger<Authenticator>(), tokens);
        smtp = new SmtpServer(
            options, set.Intake, set.Router, parts.Stores.Addresses, set.Checks, authenticator, parts.Certificates?.ForClient, time, logs, set.Forwarding.Known);
    }

    /// <summary>Where it listens, with real ports.</summary>
    public IReadOnlyList<IPEndPoint> Endpoints => smtp.Endpoints;

    /// <summary>Opens all listeners, or none. Throws <see cref="ListenException"/> when one cannot be opened.</summary>
    public Task StartAsync(CancellationToken cancel) => smtp.StartAsync(cancel);

    /// <summary>Takes no more, and lets content in flight be received and answered, for <paramref name="timeout"/> at most.</summary>
    public Task DrainAsync(TimeSpan timeout) => smtp.DrainAsync(timeout, CancellationToken.None);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await smtp.DisposeAsync();
        web?.Dispose();
    }
}
