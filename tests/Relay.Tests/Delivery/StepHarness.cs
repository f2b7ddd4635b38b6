using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Relay.Checks;
using Relay.Delivery;
using Relay.Forwarding;
using Relay.Mail;
using Relay.Options;
using Relay.Replies;
using Relay.Routing;
using Relay.Signing;
using Relay.Spool;
using Relay.Spool.Embedded;
using Relay.Status;
using Relay.Support;
using Relay.Transport;

namespace Relay.Tests.Delivery;

/// <summary>The steps over a real spool, with a transport whose outcomes a test decides.</summary>
internal sealed class StepHarness : IAsyncDisposable, ITransport
{
    public static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private readonly string folder = Directory.CreateTempSubdirectory("relay-steps-").FullName;

    public StepHarness(params Route[] routes)
    {
        Options = new RelayOptions
        {
            HostName = "relay.test",
            Data = folder,
            Routes = routes.Length > 0 ? routes : [new Route { Name = "mx", Kind = RouteKind.Mx, Recipients = ["*"] }],
            Retry = new RetryOptions { Jitter = 0 },
        };
        Spool = EmbeddedSpool.Open(folder, Time, NullLogger<EmbeddedSpool>.Instance);
        Intake = new Intake(Spool, Options, Time, NullLogger<Intake>.Instance);
        Steps = NewSteps(Options);
    }

    public FakeTimeProvider Time { get; } = new(Start);

    public RelayOptions Options { get; }

    public EmbeddedSpool Spool { get; }

    public Intake Intake { get; }

    public Steps Steps { get; set; }

    /// <summary>What the steps said.</summary>
    public RecordingLog<Steps> Log { get; } = new();

    /// <summary>Domains, aliases and suppressions.</summary>
    public MemoryAddressBook Addresses => field ??= new(Time);

    /// <summary>What marks return-paths as ours.</summary>
    public static ReturnPathSecrets Secrets { get; } = ReturnPathSecrets.Of("a secret of the tests");

    /// <summary>Return-paths that name the message.</summary>
    public Verp Verp { get; } = new(ReturnPathSecrets.Of("a secret of the tests"), "bounces.example");

    /// <summary>The attempts that were made.</summary>
    public List<DeliveryRequest> Attempts { get; } = [];

    /// <summary>What becomes of a recipient.</summary>
    public Func<string, RecipientOutcome> Outcome { get; set; } = _ => Ok;

    /// <summary>The attempt fails as a whole.</summary>
    public bool IsUnreachable { get; set; }

    public static RecipientOutcome Ok { get; } = new(OutcomeKind.Delivered, Reasons.Delivered, "mx.test[192.0.2.1]:25", new SmtpReply(250, 0, 0, "Taken"));

    public static RecipientOutcome Bounce { get; } = new(OutcomeKind.Bounced, Reasons.RemotePermanent, "mx.test[192.0.2.1]:25", new SmtpReply(550, 1, 1, "No such user"));

    public static RecipientOutcome Defer { get; } = new(OutcomeKind.Deferred, Reasons.RemoteTemporary, "mx.test[192.0.2.1]:25", new SmtpReply(451, 3, 0, "Later"));

    /// <summary>What is put in front of what leaves.</summary>
    public OutboundFields Fields { get; set; } = OutboundFields.None;

    public Steps NewSteps(RelayOptions options, params IReadOnlyList<ICheck> checks) =>
        new(PartsOf(options, checks));

    /// <summary>What those steps work with.</summary>
    public StepParts PartsOf(RelayOptions options, params IReadOnlyList<ICheck> checks)
    {
        var forwarding = new ForwardingParts(options, Secrets, Addresses, Time);
        var forward = forwarding.Transport(Intake, new OneLog(Log));
        var parts = Parts(options, checks);
        return parts with
        {
            RouteBefore = forwarding.Expansion.RouteOf,
            Verp = forwarding.Verp.IsOn ? forwarding.Verp : parts.Verp,
            Transports = kind => kind == RouteKind.Forward ? forward : parts.Transports(kind),
        };
    }

    private StepParts Parts(RelayOptions options, IReadOnlyList<ICheck> checks) => new()
    {
        Spool = Spool,
        Intake = Intake,
        Router = new Router(options.Routes, options.Estate),
        Checks = Runner(checks),
        Fields = Fields,
        Transports = kind => kind == RouteKind.Reject ? new RejectTransport() : this,
        Options = options,
        Time = Time,
        Random = new Random(1),
        Logs = new OneLog(Log),
        Addresses = Addresses,
        Verp = Verp,
    };

    private CheckRunner Runner(IReadOnlyList<ICheck> checks) =>
        new(checks, Options.Checks, Time, NullLogger<CheckRunner>.Instance);

    public Task<MessageId> AcceptAsync(string text, ReversePath reversePath, params string[] recipients) => AcceptAsync(text, new Envelope
    {
        ReversePath = reversePath,
        Recipients = [.. recipients.Select(r => Mailbox.TryParse(r, out var mailbox) ? new ForwardPath(mailbox) : throw new ArgumentException(r))],
    });

    public async Task<MessageId> AcceptAsync(string text, Envelope envelope, IntakeVerdict? verdict = null, bool isMember = false)
    {
        await using var message = Intake.Begin(envelope, new Origin
        {
            Protocol = "ESMTP",
            ClientAddress = "127.0.0.1",
            Helo = "client",
            IsMember = isMember,
        });
        message.Write(Encoding.UTF8.GetBytes(text));
        var result = await message.CompleteAsync(verdict);
        return result.Accepted ?? throw new InvalidOperationException(result.Reply.ToString());
    }

    public Task<MessageId> AcceptAsync(params string[] recipients) =>
        AcceptAsync("Subject: test\r\n\r\nbody\r\n", new ReversePath(new Mailbox("app", "example.com")), recipients);

    /// <summary>Runs what is due of one queue now.</summary>
    public async Task RunAsync(WorkQueue queue)
    {
        foreach (var lease in await Spool.LeaseAsync(queue, 100, default))
        {
            Assert.True(await Spool.CommitAsync(await Steps.RunAsync(lease, default)));
        }
    }

    /// <summary>Runs all that is due of one queue now, if anything is. What another run has ended changes nothing.</summary>
    public async Task RunAllAsync(WorkQueue queue)
    {
        while ((await PeekAsync(queue)).Count > 0)
        {
            foreach (var lease in await Spool.LeaseAsync(queue, 100, default))
            {
                await Spool.CommitAsync(await Steps.RunAsync(lease, default));
            }
        }
    }

    /// <summary>Runs the notices that are due and all that follows from them now; gives the DSNs, the first one first.</summary>
    public async Task<IReadOnlyList<Dsn>> NoticesAsync()
    {
        await RunAllAsync(WorkQueue.Notify);
        List<Dsn> notices = [];
        foreach (var lease in await PeekAsync(WorkQueue.Accepted))
        {
            await using var content = (await Spool.OpenContentAsync(lease.Work.Message, default))!;
            notices.Add(new Dsn(lease.Work, await MimeKit.MimeMessage.LoadAsync(content)));
        }

        return notices;
    }

    public async Task<MessageStatus> StatusAsync(MessageId id) => (await Spool.StatusAsync(id, default))!;

    public async Task<IReadOnlyList<Lease>> PeekAsync(WorkQueue queue)
    {
        using var cancel = new CancellationTokenSource();
        var waiting = Spool.LeaseAsync(queue, 100, cancel.Token).AsTask();
        await Spool.WhyNotWritableAsync(default);
        if (!waiting.IsCompleted)
        {
            await cancel.CancelAsync();
        }

        try
        {
            var leases = await waiting;
            foreach (var lease in leases)
            {
                await Spool.AbandonAsync(lease);
            }

            return leases;
        }
        catch (OperationCanceledException)
        {
            return [];
        }
    }

    public async Task<DeliveryOutcome> DeliverAsync(DeliveryRequest request, CancellationToken cancel)
    {
        lock (Attempts)
        {
            Attempts.Add(request);
        }

        await Task.Yield();
        return new DeliveryOutcome([.. request.Recipients.Select(r => Outcome(r.ToString()))]) { IsUnreachable = IsUnreachable };
    }

    public async ValueTask DisposeAsync()
    {
        await Spool.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A DSN as it waits to be sent, and as another library reads it.</summary>
    public sealed record Dsn(WorkItem Work, MimeKit.MimeMessage Message)
    {
        public MimeKit.MultipartReport Report { get; } = Assert.IsType<MimeKit.MultipartReport>(Message.Body);

        /// <summary>The fields of the message, and then of each recipient.</summary>
        public MimeKit.HeaderListCollection Fields => Assert.IsType<MimeKit.MessageDeliveryStatus>(Report[1]).StatusGroups;

        /// <summary>Such as <c>rfc822; a@example.net failed</c>.</summary>
        public IEnumerable<string> Recipients => Fields.Skip(1).Select(group => $"{group["Final-Recipient"]} {group["Action"]}");
    }

    private sealed class OneLog(ILogger log) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => log;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
