using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Relay.Dns;
using Relay.Support;
using Relay.Transport;
using Relay.Transport.MxSecurity;

namespace Relay.Tests.Transport.MxSecurity;

/// <summary>RFC 8461 §3.3: what is taken from a policy host, and what is not. Real HTTPS on loopback.</summary>
public sealed class StsFetcherTests : IAsyncLifetime
{
    private readonly TestAuthority authority = new();
    private readonly FakeTimeProvider time = new(TimeProvider.System.GetUtcNow());
    private readonly TableDns dns = new TableDns().A("mta-sts.example.com", "127.0.0.1");
    private System.Security.Cryptography.X509Certificates.X509Certificate2 certificate = null!;
    private PolicyHost host = null!;
    private HttpClient http = null!;

    public async ValueTask InitializeAsync()
    {
        certificate = authority.Issue("mta-sts.example.com");
        host = await PolicyHost.StartAsync(() => certificate, authority.Intermediate);
        http = Http(_ => true);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await host.DisposeAsync();
        certificate.Dispose();
        authority.Dispose();
    }

    [Fact]
    public async Task A_policy_is_fetched()
    {
        host.Serve(MxWorld.Policy("enforce", "mx.example.com"));

        var fetched = await FetchAsync();

        Assert.Equal(["mx.example.com"], fetched.Policy!.Mx);
    }

    [Theory]
    [InlineData("TEXT/Plain")]
    [InlineData("text/plain; charset=us-ascii; x=y")]
    public async Task The_media_type_is_read_without_case_and_parameters(string type)
    {
        host.Serve(MxWorld.Policy("enforce", "mx.example.com"), type);

        Assert.NotNull((await FetchAsync()).Policy);
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/octet-stream")]
    [InlineData("text/plainer")]
    [InlineData("")]
    public async Task Another_media_type_is_no_policy(string type)
    {
        host.Serve(MxWorld.Policy("enforce", "mx.example.com"), type);

        Failed(StsFault.Invalid, await FetchAsync());
    }

    [Theory]
    [InlineData(201)]
    [InlineData(203)]
    [InlineData(206)]
    [InlineData(404)]
    [InlineData(500)]
    public async Task Any_status_but_200_is_a_failure(int status)
    {
        host.Serve(MxWorld.Policy("enforce", "mx.example.com"), status: status);

        Failed(StsFault.Fetch, await FetchAsync());
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_not_followed(int status)
    {
        host.Answer = context =>
        {
            if (context.Request.Path == "/elsewhere")
            {
                return context.Response.WriteAsync(MxWorld.Policy("enforce", "mx.example.com"));
            }

            context.Response.StatusCode = status;
            context.Response.Headers.Location = $"https://mta-sts.example.com:{host.Port}/elsewhere";
            return Task.CompletedTask;
        };

        Failed(StsFault.Fetch, await FetchAsync());
        Assert.Equal(1, host.Requests);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task At_most_64_KiB_are_taken(int more, bool isTaken)
    {
        var policy = MxWorld.Policy("enforce", "mx.example.com");
        var filler = $"x: {new string('a', StsFetcher.MaxPolicy - policy.Length - 3 + more)}";
        host.Serve(policy + filler);

        var fetched = await FetchAsync();

        Assert.Equal(isTaken, fetched.Policy is not null);
    }

    [Fact]
    public async Task A_body_without_an_end_is_left_at_64_KiB()
    {
        host.Answer = async context =>
        {
            context.Response.ContentType = "text/plain";
            var block = new byte[8192];
            Array.Fill(block, (byte)'\n');
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
            }
        };

        Failed(StsFault.Invalid, await FetchAsync());
    }

    [Theory]
    [InlineData("header")]
    [InlineData("body")]
    public async Task A_host_that_is_slow_is_given_up_after_60_s(string part)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Answer = async context =>
        {
            if (part == "body")
            {
                context.Response.ContentType = "text/plain";
                await context.Response.WriteAsync("version: STSv1\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }

            asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        };

        var fetching = FetchAsync();
        await asked.Task;
        time.Advance(StsFetcher.FetchTimeout - TimeSpan.FromMilliseconds(1));
        Assert.False(fetching.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));

        Failed(StsFault.Fetch, await fetching);
    }

    [Theory]
    [InlineData("other.example.com")]
    [InlineData("example.com")]
    [InlineData("*.mta-sts.example.com")]
    public async Task A_certificate_for_another_name_is_refused(string name)
    {
        host.Serve(MxWorld.Policy("enforce", "mx.example.com"));
        certificate = authority.Issue(name);

        Failed(StsFault.Certificate, await FetchAsync());
        Assert.Equal(0, host.Requests);
    }

    [Fact]
    public async Task A_certificate_that_has_ended_is_refused()
    {
        host.Serve(MxWorld.Policy("enforce", "mx.example.com"));
        certificate = authority.Issue(new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero), "mta-sts.example.com");

        Failed(StsFault.Certificate, await FetchAsync());
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused()
    {
        host.Serve(MxWorld.Policy("enforce", "mx.example.com"));
        certificate = TestCertificate.For("mta-sts.example.com");

        Failed(StsFault.Certificate, await FetchAsync());
    }

    [Fact]
    public async Task An_address_that_is_not_public_is_not_connected_to()
    {
        host.Serve(MxWorld.Policy("enforce", "mx.example.com"));
        using var guarded = Http(mayConnect: null);

        Failed(StsFault.Fetch, await new StsFetcher(guarded, time).FetchAsync("example.com", TestContext.Current.CancellationToken));

        Assert.Equal(0, host.Requests);
    }

    [Fact]
    public async Task A_second_address_is_tried_where_the_first_is_dead()
    {
        host.Serve(MxWorld.Policy("enforce", "mx.example.com"));
        dns.A("mta-sts.two.example", "127.0.0.2", "127.0.0.1");
        certificate = authority.Issue("mta-sts.two.example");

        Assert.NotNull((await FetchAsync("two.example")).Policy);
    }

    [Fact]
    public async Task A_host_that_DNS_does_not_know_or_nobody_answers_at_is_a_failure()
    {
        dns.Silent("mta-sts.silent.example", "A").A("mta-sts.dead.example", "127.0.0.2");

        Failed(StsFault.Fetch, await FetchAsync("none.example"));
        Failed(StsFault.Fetch, await FetchAsync("silent.example"));
        Failed(StsFault.Fetch, await FetchAsync("dead.example"));
    }

    [Fact]
    public async Task Who_gives_up_is_told_so()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Answer = context =>
        {
            asked.SetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        };
        using var cancel = new CancellationTokenSource();

        var fetching = new StsFetcher(http, time).FetchAsync("example.com", cancel.Token);
        await asked.Task;
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetching);
    }

    [Theory]
    [InlineData("1.1.1.1", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("::ffff:1.1.1.1", true)]
    [InlineData("0.1.2.3", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.0.1", false)]
    [InlineData("192.0.2.1", false)]
    [InlineData("198.19.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("168.63.129.16", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::127.0.0.1", false)]
    [InlineData("64:ff9b::a9fe:a9fe", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("ff02::1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("2002:7f00:1::", false)]
    public void Public_addresses_are_those_of_the_Internet_at_large(string address, bool isPublic) =>
        Assert.Equal(isPublic, PublicAddress.Is(IPAddress.Parse(address)));

    private static void Failed(StsFault fault, StsFetched fetched)
    {
        Assert.Null(fetched.Policy);
        Assert.Equal((fault, true), (fetched.Fault, fetched.Detail.Length > 0));
    }

    private HttpClient Http(Func<IPAddress, bool>? mayConnect) =>
        StsFetcher.CreateHttp(dns, mayConnect, host.Port, TestCertificate.Trusting(authority.Root));

    private Task<StsFetched> FetchAsync(string domain = "example.com") =>
        new StsFetcher(http, time).FetchAsync(domain, TestContext.Current.CancellationToken);
}
