using System.Text;
using Azure.Core;
using Microsoft.Extensions.Time.Testing;
using Relay.Mail;
using Relay.Routing;
using Relay.Status;
using Relay.Support;
using Relay.Transport;
using Relay.Transport.Acs;
using Relay.Transport.Quota;

namespace Relay.Tests.Transport.Acs;

/// <summary>The transport over the stub of the service, with a quota in a folder of its own.</summary>
internal sealed class AcsHarness : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private readonly string folder = Directory.CreateTempSubdirectory("relay-acs-").FullName;
    private readonly EmbeddedQuota quota;

    private AcsHarness(AcsStub stub)
    {
        Stub = stub;
        quota = EmbeddedQuota.Open(folder, Time);
        Transport = NewTransport();
        Acs = new AcsRoute { ConnectionString = new AcsConnection(stub.Endpoint, Convert.FromBase64String(AcsStub.AccessKey)) };
    }

    public FakeTimeProvider Time { get; } = new(Start);

    public AcsStub Stub { get; }

    public AcsTransport Transport { get; private set; }

    public AcsRoute Acs { get; set; }

    public RecordingLog<AcsTransport> Log { get; } = new();

    public MessageId Message { get; set; } = MessageId.New(Start);

    public static async Task<AcsHarness> StartAsync() => new(await AcsStub.StartAsync());

    /// <summary>Another process takes over, knowing nothing of the first one.</summary>
    public void Restart()
    {
        Time.Advance(TimeSpan.FromSeconds(1));
        Transport = NewTransport();
    }

    /// <summary>One attempt for a message with these lines.</summary>
    public Task<DeliveryOutcome> SendAsync(string content, params string[] recipients) => SendAsync(Request(content, recipients));

    public Task<DeliveryOutcome> SendAsync(DeliveryRequest request)
    {
        request.Content.Position = 0;
        return Transport.DeliverAsync(request, CancellationToken.None);
    }

    public DeliveryRequest Request(string content, params string[] recipients) => new()
    {
        Message = Message,
        Envelope = new Envelope
        {
            ReversePath = new ReversePath(new Mailbox("app", "example.com")),
            Recipients = [.. recipients.Select(r => Mailbox.TryParse(r, out var mailbox) ? new ForwardPath(mailbox) : throw new ArgumentException(r))],
        },
        Route = new Route { Name = "acs", Kind = RouteKind.Acs, Recipients = ["*"], Acs = Acs },
        AcceptedAt = Time.GetUtcNow(),
        Indexes = [.. Enumerable.Range(0, recipients.Length)],
        Content = new MemoryStream(Encoding.UTF8.GetBytes(content.ReplaceLineEndings("\r\n"))),
    };

    /// <summary>The same recipients again, with what the attempt before left.</summary>
    public DeliveryRequest Again(DeliveryRequest request, RecipientOutcome outcome) => request with
    {
        Attempt = request.Attempt + (outcome.IsAttempt ? 1 : 0),
        Operation = outcome.Operation,
    };

    /// <summary>As the spool keeps it.</summary>
    public static PendingOperation? Operation(DeliveryOutcome outcome) => outcome.Recipients[0].Operation;

    public async ValueTask DisposeAsync()
    {
        await Stub.DisposeAsync();
        await quota.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private AcsTransport NewTransport() => new(quota, new NoCredential(), Time, Log);

    private sealed class NoCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new Azure.Identity.CredentialUnavailableException("there is nobody to sign in");

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(GetToken(requestContext, cancellationToken));
    }
}
