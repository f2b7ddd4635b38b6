using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Relay.Certificates;
using Relay.Support;

namespace Relay.Tests.Certificates;

/// <summary>
/// A vault on loopback: HTTPS, the challenge that names where to sign in, and one secret. The client believes to speak to
/// <c>test.vault.azure.net</c>.
/// </summary>
internal sealed class VaultStub : IAsyncDisposable
{
    public const string Token = "token-of-the-vault";

    private readonly X509Certificate2 certificate = TestCertificate.For("test.vault.azure.net");
    private readonly WebApplication app;
    private readonly HttpClient client;

    private VaultStub()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listener => listener.UseHttps(certificate)));
        app = builder.Build();
        app.Run(AnswerAsync);
        client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = ConnectAsync,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = TestCertificate.Trusting(certificate) },
        });
    }

    /// <summary>The secret's value; null for none.</summary>
    public string? Value { get; set; }

    public string ContentType { get; set; } = "application/x-pkcs12";

    /// <summary>What it answers to whoever is signed in.</summary>
    public int Status { get; set; } = StatusCodes.Status200OK;

    /// <summary>Path and query of each question by whoever was signed in.</summary>
    public List<string> Asked { get; } = [];

    public VaultAccess Access => new(new FixedToken(), new HttpClientTransport(client));

    public static async Task<VaultStub> StartAsync()
    {
        var stub = new VaultStub();
        await stub.app.StartAsync();
        return stub;
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await app.DisposeAsync();
        certificate.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var response = context.Response;
        if (context.Request.Headers.Authorization != $"Bearer {Token}")
        {
            response.StatusCode = StatusCodes.Status401Unauthorized;
            response.Headers.WWWAuthenticate =
                """Bearer authorization="https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000", resource="https://vault.azure.net" """.Trim();
            return;
        }

        lock (Asked)
        {
            Asked.Add(context.Request.Path);
        }

        response.ContentType = "application/json; charset=utf-8";
        response.StatusCode = Status;
        object answer = Status == StatusCodes.Status200OK
            ? new Dictionary<string, object?>
            {
                ["value"] = Value,
                ["contentType"] = ContentType,
                ["id"] = "https://test.vault.azure.net/secrets/mail/0123456789abcdef0123456789abcdef",
                ["managed"] = true,
                ["attributes"] = new Dictionary<string, object> { ["enabled"] = true, ["created"] = 1700000000, ["updated"] = 1700000000 },
                ["kid"] = "https://test.vault.azure.net/keys/mail/0123456789abcdef0123456789abcdef",
            }
            : new Dictionary<string, object?>
            {
                ["error"] = new Dictionary<string, object> { ["code"] = "Forbidden", ["message"] = "The user lacks the permission." },
            };
        await response.WriteAsync(JsonSerializer.Serialize(answer));
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPEndPoint.Parse(new Uri(app.Urls.First()).Authority), cancel);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private sealed class FixedToken : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(Token, TimeProvider.System.GetUtcNow().AddHours(1));

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(GetToken(requestContext, cancellationToken));
    }
}
