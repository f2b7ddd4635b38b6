using Relay.Status;
using Relay.Support;
using Relay.Transport;
using Relay.Transport.TlsReports;

namespace Relay.Tests.Transport.MxSecurity;

/// <summary>RFC 8461 the whole way: DNS, a policy host and mail hosts, all real.</summary>
public sealed class MtaStsTests
{
    [Fact]
    public async Task Under_enforce_mail_goes_to_a_host_of_the_list_that_proves_itself()
    {
        await using var world = (await MxWorld.StartAsync()).Host("mx.example.com");
        world.Publish(MxWorld.Policy("enforce", "*.example.com"));
        using var certificate = world.Authority.Issue("mx.example.com");
        await using var server = world.Serve(certificate);

        (await world.SendAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);

        var record = Assert.Single(world.Records.All);
        Assert.Equal(("example.com", TlsPolicyType.Sts, null), (record.Domain, record.Policy.Type, record.Failure));
        Assert.Equal(["version: STSv1", "mode: enforce", "mx: *.example.com", "max_age: 1209600"], record.Policy.Text);
        Assert.Equal(["*.example.com"], record.Policy.Mx);
    }

    [Theory]
    [InlineData("wrong name", TlsResult.CertificateHostMismatch)]
    [InlineData("expired", TlsResult.CertificateExpired)]
    [InlineData("self-signed", TlsResult.CertificateNotTrusted)]
    [InlineData("no STARTTLS", TlsResult.StartTlsNotSupported)]
    public async Task Under_enforce_a_host_that_does_not_prove_itself_gets_no_mail(string fault, TlsResult result)
    {
        await using var world = (await MxWorld.StartAsync()).Host("mx.example.com").Publish(MxWorld.Policy("enforce", "mx.example.com"));
        using var certificate = Certificate(world, fault);
        await using var server = fault == "no STARTTLS" ? MxWorld.ServeInClear() : world.Serve(certificate);

        var outcome = await world.SendAsync(server.Port);

        outcome.Is(OutcomeKind.Deferred, Reasons.MtaStsFailed, 451);
        Assert.DoesNotContain(Assert.Single(server.Sessions).Commands, command => command.StartsWith("MAIL", StringComparison.Ordinal));
        var failure = Assert.Single(world.Records.All).Failure!;
        Assert.Equal(
            (result, "127.0.0.1", "mx.example.com", "127.0.0.1"), (failure.Result, failure.SendingAddress, failure.Host, failure.Address));
    }

    [Theory]
    [InlineData("wrong name", TlsResult.CertificateHostMismatch)]
    [InlineData("expired", TlsResult.CertificateExpired)]
    [InlineData("self-signed", TlsResult.CertificateNotTrusted)]
    [InlineData("no STARTTLS", TlsResult.StartTlsNotSupported)]
    [InlineData("not in the list", TlsResult.ValidationFailure)]
    public async Task Under_testing_mail_goes_all_the_same_and_the_failure_is_kept(string fault, TlsResult result)
    {
        await using var world = (await MxWorld.StartAsync()).Host("mx.example.com");
        world.Publish(MxWorld.Policy("testing", fault == "not in the list" ? "other.example.com" : "mx.example.com"));
        using var certificate = Certificate(world, fault);
        await using var server = fault == "no STARTTLS" ? MxWorld.ServeInClear() : world.Serve(certificate);

        (await world.SendAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);

        var record = Assert.Single(world.Records.All);
        Assert.Equal((TlsPolicyType.Sts, result), (record.Policy.Type, record.Failure!.Result));
        Assert.Contains(world.Logs.Lines, line => line.Event == Relay.Telemetry.EventIds.StsTestFailed);
    }

    [Fact]
    public async Task A_policy_of_mode_none_is_none()
    {
        await using var world = (await MxWorld.StartAsync()).Host("mx.example.com").Publish(MxWorld.Policy("none"));
        await using var server = MxWorld.ServeInClear();

        (await world.SendAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);

        Assert.Equal(TlsPolicyType.NotFound, Assert.Single(world.Records.All).Policy.Type);
    }

    [Fact]
    public async Task A_host_that_is_not_of_the_list_is_passed_over_for_one_that_is()
    {
        await using var world = (await MxWorld.StartAsync()).Host("evil.example.net", 5, "127.0.0.2").Host("mx.example.com");
        world.Publish(MxWorld.Policy("enforce", "mx.example.com"));
        using var certificate = world.Authority.Issue("mx.example.com");
        await using var server = world.Serve(certificate);

        var outcome = await world.SendAsync(server.Port);

        outcome.Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        Assert.Contains(world.Records.All, record => record.Failure is { Result: TlsResult.ValidationFailure, Host: "evil.example.net", Reason: "mx-not-in-policy" });
        Assert.Contains(world.Logs.Lines, line => line.Event == Relay.Telemetry.EventIds.MxHostPassedOver && line.Text.Contains("evil.example.net"));
    }

    [Fact]
    public async Task When_no_host_is_of_the_list_the_mail_waits_and_nobody_is_asked()
    {
        await using var world = (await MxWorld.StartAsync()).Host("evil.example.net").Publish(MxWorld.Policy("enforce", "mx.example.com"));
        await using var server = MxWorld.ServeInClear();

        (await world.SendAsync(server.Port)).Is(OutcomeKind.Deferred, Reasons.MtaStsFailed, 451, "4.7.5");

        Assert.Empty(server.Sessions);
    }

    [Fact]
    public async Task A_host_whose_TLS_fails_is_passed_over_for_the_next_of_the_list()
    {
        await using var world = (await MxWorld.StartAsync()).Host("bad.example.com", 5, "127.0.0.2").Host("mx.example.com");
        world.Publish(MxWorld.Policy("enforce", "*.example.com"));
        using var certificate = world.Authority.Issue("mx.example.com");
        await using var server = world.Serve(certificate);
        await using var bad = ScriptedSmtpServer.StartOn(System.Net.IPAddress.Parse("127.0.0.2"), server.Port, async s =>
        {
            await s.GreetAsync();
            await s.EndAsync();
        });

        var outcome = await world.SendAsync(server.Port);

        outcome.Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        Assert.StartsWith("mx.example.com[", outcome.RemoteHost);
        Assert.Single(bad.Sessions);
    }

    [Theory]
    [InlineData("gone", TlsResult.StsPolicyFetchError)]
    [InlineData("garbage", TlsResult.StsPolicyInvalid)]
    [InlineData("certificate", TlsResult.StsWebpkiInvalid)]
    public async Task Without_a_policy_ever_had_a_failing_fetch_stops_no_mail_and_is_kept(string fault, TlsResult result)
    {
        await using var world = (await MxWorld.StartAsync()).Host("mx.example.com").Publish("what");
        if (fault == "gone")
        {
            world.Policies.Serve("", status: 404);
        }
        else if (fault == "certificate")
        {
            world.PolicyCertificate = TestCertificate.For("mta-sts.example.com");
        }

        await using var server = MxWorld.ServeInClear();

        (await world.SendAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);

        Assert.Equal(
            [(TlsPolicyType.Sts, (TlsResult?)result), (TlsPolicyType.NotFound, TlsResult.StartTlsNotSupported)],
            world.Records.All.Select(record => (record.Policy.Type, record.Failure?.Result)));
    }

    [Fact]
    public async Task Without_a_record_no_policy_is_asked_for()
    {
        await using var world = (await MxWorld.StartAsync()).Host("mx.example.com");
        using var certificate = TestCertificate.For("any.example");
        await using var server = world.Serve(certificate);

        (await world.SendAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);

        Assert.Equal(0, world.Policies.Requests);
        Assert.Equal(new TlsRecord { Policy = TlsRecordPolicy.NotFound, Domain = "example.com", At = world.Time.GetUtcNow() }, Assert.Single(world.Records.All));
    }

    [Fact]
    public async Task A_kept_connection_is_not_used_for_mail_that_asks_for_more()
    {
        await using var world = (await MxWorld.StartAsync()).Host("mx.example.com");
        using var certificate = TestCertificate.For("mx.example.com");
        await using var server = world.Serve(certificate);
        (await world.SendAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);

        // The record's absence was cached; now there is a policy, and the connection from before proves nothing.
        world.Time.Advance(TimeSpan.FromMinutes(6));
        world.Publish(MxWorld.Policy("enforce", "mx.example.com"));

        (await world.SendAsync(server.Port)).Is(OutcomeKind.Deferred, Reasons.MtaStsFailed, 451);
    }

    [Fact]
    public async Task Hosts_are_explained_in_words()
    {
        await using var world = (await MxWorld.StartAsync()).Host("mx.example.com").Host("evil.example.net");
        world.Publish(MxWorld.Policy("enforce", "mx.example.com"));
        var route = new Relay.Routing.Route { Name = "mx", Kind = Relay.Routing.RouteKind.Mx, Recipients = ["*"] };

        var words = await world.Guard.ExplainAsync(
            "example.com", ["mx.example.com", "evil.example.net"], route, TestContext.Current.CancellationToken);

        Assert.Equal("TLS with a valid certificate for the host's name, by MTA-STS", words["mx.example.com"]);
        Assert.Equal("no mail: The MTA-STS policy of example.com does not have the mail host evil.example.net", words["evil.example.net"]);
    }

    private static System.Security.Cryptography.X509Certificates.X509Certificate2 Certificate(MxWorld world, string fault) => fault switch
    {
        "wrong name" => world.Authority.Issue("other.example.com"),
        "expired" => world.Authority.Issue(new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero), "mx.example.com"),
        "self-signed" => TestCertificate.For("mx.example.com"),
        _ => world.Authority.Issue("mx.example.com"),
    };
}
