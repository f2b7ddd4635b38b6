using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Relay.Support;

/// <summary>A host of MTA-STS policies on a free loopback port: real HTTPS, that answers as it is told.</summary>
public sealed class PolicyHost : IAsyncDisposable
{
    private readonly WebApplication app;
    private int requests;

    private PolicyHost(WebApplication app) => this.app = app;

    /// <summary>What it answers.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = _ => Task.CompletedTask;

    /// <summary>Requests so far.</summary>
    public int Requests => Volatile.Read(ref requests);

    public int Port { get; private set; }

    /// <summary>Starts it.</summary>
    /// <param name="certificate">Asked for at each handshake.</param>
    /// <param name="chain">What it sends beside it.</param>
    public static async Task<PolicyHost> StartAsync(Func<X509Certificate2> certificate, params X509Certificate2[] chain)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(certificate(), [.. chain], offline: true),
            }),
        })));
        var host = new PolicyHost(builder.Build());
        host.app.Run(context =>
        {
            Interlocked.Increment(ref host.requests);
            return host.Answer(context);
        });
        await host.app.StartAsync();
        host.Port = new Uri(host.app.Urls.First()).Port;
        return host;
    }

    /// <summary>Answers with a text as it must be: 200 and text/plain.</summary>
    public void Serve(string text, string type = "text/plain; charset=utf-8", int status = 200) => Answer = context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        return context.Response.WriteAsync(context.Request.Path == "/.well-known/mta-sts.txt" ? text : "another path");
    };

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
