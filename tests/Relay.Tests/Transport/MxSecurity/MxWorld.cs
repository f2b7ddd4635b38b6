using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Relay.Dns;
using Relay.Options;
using Relay.Support;
using Relay.Transport;
using Relay.Transport.MxSecurity;
using Relay.Transport.TlsReports;

namespace Relay.Tests.Transport.MxSecurity;

/// <summary>
/// A domain <c>example.com</c> with DNS, a policy host and mail hosts, all real and on loopback, and a relay that sends to it by an
/// mx route. Its time stands until a test moves it.
/// </summary>
internal sealed class MxWorld : IAsyncDisposable
{
    private readonly StsCache? cache;
    private readonly bool validating;
    private MxGuard? guard;
    private Sending? sending;

    private MxWorld(PolicyHost policies, TestAuthority authority, bool validating, StsCache? cache, FakeTimeProvider? time)
    {
        Policies = policies;
        Authority = authority;
        this.cache = cache;
        this.validating = validating;
        Time = time ?? new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        PolicyCertificate = authority.Issue("mta-sts.example.com");
    }

    public PolicyHost Policies { get; }

    public TestAuthority Authority { get; }

    public LoopbackDns Dns { get; } = LoopbackDns.Start();

    public FakeTimeProvider Time { get; }

    public X509Certificate2 PolicyCertificate { get; set; }

    public MemoryRecords Records { get; } = new();

    public RecordingLogs Logs { get; } = new();

    /// <summary>The relay; made at its first use.</summary>
    public Sending Sending
    {
        get
        {
            _ = Guard;
            return sending!;
        }
    }

    public MxGuard Guard
    {
        get
        {
            if (guard is null)
            {
                var trust = TestCertificate.Trusting(Authority.Root);
                var options = new RelayOptions { HostName = Sending.HostName, Data = "/nowhere", Dns = Dns.Options with { Validating = validating } };
                var resolver = new DnsResolver(options.Dns, Time);
                guard = new MxGuard(
                    options, resolver, cache, StsFetcher.CreateHttp(resolver, _ => true, Policies.Port, trust), Records, Time, Logs);
                sending = new Sending(
                    Time, resolver, settings: new SmtpClientSettings(Sending.HostName, Time) { Trust = trust }, guard: guard);
            }

            return guard;
        }
    }

    public static async Task<MxWorld> StartAsync(bool validating = false, StsCache? cache = null, FakeTimeProvider? time = null)
    {
        var authority = new TestAuthority();
        MxWorld? world = null;
        var policies = await PolicyHost.StartAsync(() => world!.PolicyCertificate, authority.Intermediate);
        world = new MxWorld(policies, authority, validating, cache, time);
        if (validating)
        {
            world.Dns.IsSecure = _ => true;
        }

        world.Dns.A("mta-sts.example.com", "127.0.0.1");
        return world;
    }

    /// <summary>A policy with two weeks to hold.</summary>
    public static string Policy(string mode, params string[] mx) =>
        $"version: STSv1\r\nmode: {mode}\r\n{string.Concat(mx.Select(name => $"mx: {name}\r\n"))}max_age: 1209600\r\n";

    /// <summary>Announces a policy in DNS in place of the one before, and serves it.</summary>
    public MxWorld Publish(string policy, string id = "1")
    {
        Dns.Remove("_mta-sts.example.com", "TXT").Txt("_mta-sts.example.com", $"v=STSv1; id={id};");
        Policies.Serve(policy);
        return this;
    }

    /// <summary>Lets a mail host of the domain be at 127.0.0.1.</summary>
    public MxWorld Host(string name, int preference = 10, string address = "127.0.0.1")
    {
        Dns.Mx("example.com", preference, name).A(name, address);
        return this;
    }

    /// <summary>A mail host that takes all under TLS, with this certificate and the intermediate.</summary>
    public ScriptedSmtpServer Serve(X509Certificate2 certificate, params string[] keywords) => ScriptedSmtpServer.Start(async s =>
    {
        try
        {
            await s.GreetAsync("STARTTLS");
            await s.StartTlsAsync(certificate, chain: Authority.Intermediate);
            await s.EhloAsync(["PIPELINING", .. keywords]);
            await s.TakeMessageAsync();
            await s.QuitAsync();
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException or InvalidOperationException)
        {
            // The client may not like the certificate; then it tells the test so.
        }
    });

    /// <summary>A mail host without TLS, which an attacker can make of any. It takes all.</summary>
    public static ScriptedSmtpServer ServeInClear() => ScriptedSmtpServer.Start(async s =>
    {
        await s.GreetAsync("PIPELINING");
        if ((await s.ExpectAsync("", "250 ok")).StartsWith("MAIL", StringComparison.Ordinal))
        {
            await s.ExpectAsync("RCPT", "250 ok");
            await s.ExpectAsync("DATA", "354 go");
            await s.ReadContentAsync();
            await s.SayAsync("250 2.0.0 taken");
        }

        await s.EndAsync();
    });

    public async Task<RecipientOutcome> SendAsync(int port, string recipient = "a@example.com") =>
        Assert.Single((await Sending.ToMxAsync(port, Relay.Tests.Transport.Sending.Hello, recipient)).Recipients);

    public async ValueTask DisposeAsync()
    {
        if (sending is not null)
        {
            await sending.DisposeAsync();
            await guard!.DisposeAsync();
        }

        await Policies.DisposeAsync();
        await Dns.DisposeAsync();
        PolicyCertificate.Dispose();
        Authority.Dispose();
    }
}

/// <summary>Records of sessions in memory.</summary>
internal sealed class MemoryRecords : ITlsRecords
{
    private readonly ConcurrentQueue<TlsRecord> all = new();

    public IReadOnlyList<TlsRecord> All => [.. all];

    public void Add(TlsRecord record) => all.Enqueue(record);

    public Task<IReadOnlyList<string>> DomainsAsync(DateOnly day, CancellationToken cancel) => throw new NotSupportedException();

    public Task<IReadOnlyList<TlsCount>> ReadAsync(DateOnly day, string domain, CancellationToken cancel) => throw new NotSupportedException();
}

/// <summary>One log for all.</summary>
internal sealed class RecordingLogs : ILoggerFactory
{
    private readonly RecordingLog<MxWorld> log = new();

    public IReadOnlyList<LogLine> Lines => log.Lines;

    public ILogger CreateLogger(string categoryName) => log;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
