using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Relay.Dns;
using Relay.Status;
using Relay.Support;
using Relay.Transport;
using Relay.Transport.MxSecurity;
using Relay.Transport.TlsReports;

namespace Relay.Tests.Transport.MxSecurity;

/// <summary>RFC 7672 the whole way: DNS that says that it validates, and mail hosts, all real and on loopback.</summary>
public sealed class DaneTests
{
    [Theory]
    [InlineData(3, 1, 1)]
    [InlineData(3, 1, 2)]
    [InlineData(3, 1, 0)]
    [InlineData(3, 0, 1)]
    [InlineData(3, 0, 2)]
    [InlineData(3, 0, 0)]
    public async Task A_certificate_that_matches_its_record_is_right_whoever_signed_it(byte usage, byte selector, byte matching)
    {
        await using var world = (await MxWorld.StartAsync(validating: true)).Host("mx.example.com");
        // Neither its name nor its end count.
        using var certificate = TestCertificate.For("any.example");
        await using var server = world.Serve(certificate);
        Tlsa(world, server, usage, selector, matching, certificate);

        (await world.SendAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);

        Assert.Equal("mx.example.com", Assert.Single(server.Sessions).ServerName);
        var record = Assert.Single(world.Records.All);
        Assert.Equal((TlsPolicyType.Tlsa, null), (record.Policy.Type, record.Failure));
        Assert.StartsWith($"_{server.Port}._tcp.mx.example.com. IN TLSA {usage} {selector} {matching} ", Assert.Single(record.Policy.Text));
    }

    [Fact]
    public async Task A_certificate_that_matches_no_record_gets_no_mail_be_it_trusted_by_all()
    {
        await using var world = (await MxWorld.StartAsync(validating: true)).Host("mx.example.com");
        using var certificate = world.Authority.Issue("mx.example.com");
        using var other = TestCertificate.For("mx.example.com");
        await using var server = world.Serve(certificate);
        Tlsa(world, server, 3, 1, 1, other);

        (await world.SendAsync(server.Port)).Is(OutcomeKind.Deferred, Reasons.DaneFailed, 451, "4.7.5");

        Assert.Equal(TlsResult.TlsaInvalid, Assert.Single(world.Records.All).Failure!.Result);
    }

    [Fact]
    public async Task A_host_with_a_record_that_does_not_offer_TLS_gets_no_mail()
    {
        await using var world = (await MxWorld.StartAsync(validating: true)).Host("mx.example.com");
        using var certificate = TestCertificate.For("mx.example.com");
        await using var server = MxWorld.ServeInClear();
        Tlsa(world, server, 3, 1, 1, certificate);

        (await world.SendAsync(server.Port)).Is(OutcomeKind.Deferred, Reasons.DaneFailed, 451, "4.7.4");

        Assert.Equal(TlsResult.StartTlsNotSupported, Assert.Single(world.Records.All).Failure!.Result);
    }

    [Theory]
    [InlineData("mx.example.com", true)]
    [InlineData("example.com", true)]
    [InlineData("other.example.com", false)]
    public async Task An_anchor_vouches_for_the_hosts_own_names(string name, bool isRight)
    {
        await using var world = (await MxWorld.StartAsync(validating: true)).Host("mx.example.com");
        using var certificate = world.Authority.Issue(name);
        await using var server = world.Serve(certificate);
        Tlsa(world, server, 2, 1, 1, world.Authority.Intermediate);

        var outcome = await world.SendAsync(server.Port);

        Assert.Equal(isRight ? Reasons.Delivered : Reasons.DaneFailed, outcome.Reason);
        Assert.Equal(isRight ? null : TlsResult.CertificateHostMismatch, Assert.Single(world.Records.All).Failure?.Result);
    }

    [Theory]
    [InlineData("0 0 1")]
    [InlineData("1 1 1")]
    [InlineData("3 2 1")]
    [InlineData("3 1 3")]
    [InlineData("4 1 1")]
    public async Task Records_that_cannot_be_used_make_TLS_a_must_with_any_certificate(string kind)
    {
        await using var world = (await MxWorld.StartAsync(validating: true)).Host("mx.example.com").Host("clear.example.com", 5, "127.0.0.2");
        using var certificate = TestCertificate.For("any.example");
        await using var server = world.Serve(certificate);
        await using var clear = ScriptedSmtpServer.StartOn(System.Net.IPAddress.Parse("127.0.0.2"), server.Port, async s =>
        {
            await s.GreetAsync();
            await s.EndAsync();
        });
        var numbers = kind.Split(' ').Select(byte.Parse).ToArray();
        foreach (var host in new[] { "mx", "clear" })
        {
            world.Dns.Tlsa($"_{server.Port}._tcp.{host}.example.com", numbers[0], numbers[1], numbers[2], new byte[32]);
        }

        var outcome = await world.SendAsync(server.Port);

        outcome.Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        Assert.StartsWith("mx.example.com[", outcome.RemoteHost);
        Assert.DoesNotContain(Assert.Single(clear.Sessions).Commands, command => command.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("example.com")]
    [InlineData("mx.example.com")]
    [InlineData("_tcp")]
    public async Task What_DNSSEC_does_not_prove_is_as_if_it_were_not_there(string insecure)
    {
        await using var world = (await MxWorld.StartAsync(validating: true)).Host("mx.example.com");
        using var other = TestCertificate.For("mx.example.com");
        await using var server = MxWorld.ServeInClear();
        Tlsa(world, server, 3, 1, 1, other);
        world.Dns.IsSecure = name => insecure == "_tcp" ? !name.Contains("_tcp") : name != insecure;

        (await world.SendAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);

        Assert.Equal(TlsPolicyType.NotFound, Assert.Single(world.Records.All).Policy.Type);
    }

    [Fact]
    public async Task A_resolver_that_is_not_said_to_validate_is_not_believed()
    {
        await using var world = (await MxWorld.StartAsync(validating: false)).Host("mx.example.com");
        world.Dns.IsSecure = _ => true;
        using var other = TestCertificate.For("mx.example.com");
        await using var server = MxWorld.ServeInClear();
        Tlsa(world, server, 3, 1, 1, other);

        (await world.SendAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Fact]
    public async Task A_host_whose_records_cannot_be_had_gets_no_mail()
    {
        await using var world = (await MxWorld.StartAsync(validating: true)).Host("mx.example.com");
        await using var server = MxWorld.ServeInClear();
        world.Dns.ServFail($"_{server.Port}._tcp.mx.example.com", "TLSA");

        (await world.SendAsync(server.Port)).Is(OutcomeKind.Deferred, Reasons.DaneFailed, 451);

        Assert.Empty(server.Sessions);
        var record = Assert.Single(world.Records.All);
        Assert.Equal((TlsPolicyType.Tlsa, TlsResult.DnssecInvalid, "mx.example.com"), (record.Policy.Type, record.Failure!.Result, record.Failure.Host));
    }

    [Fact]
    public async Task A_host_without_records_is_as_ever()
    {
        await using var world = (await MxWorld.StartAsync(validating: true)).Host("mx.example.com");
        await using var server = MxWorld.ServeInClear();

        (await world.SendAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_a_host_has_records_they_go_before_the_domains_policy(bool matches)
    {
        await using var world = (await MxWorld.StartAsync(validating: true)).Host("mx.example.com");
        world.Publish(MxWorld.Policy("enforce", "mx.example.com"));
        // By the policy it is wrong when it matches, and right when it does not.
        using var certificate = matches ? TestCertificate.For("mx.example.com") : world.Authority.Issue("mx.example.com");
        using var other = TestCertificate.For("mx.example.com");
        await using var server = world.Serve(certificate);
        Tlsa(world, server, 3, 1, 1, matches ? certificate : other);

        Assert.Equal(matches ? Reasons.Delivered : Reasons.DaneFailed, (await world.SendAsync(server.Port)).Reason);
    }

    [Fact]
    public async Task Records_stand_at_the_end_of_an_alias_first_and_count_where_the_alias_is_proven()
    {
        await using var world = await MxWorld.StartAsync(validating: true);
        world.Dns.Mx("example.com", 10, "alias.example.com").Cname("alias.example.com", "real.example.net").A("real.example.net", "127.0.0.1");
        using var certificate = TestCertificate.For("any.example");
        await using var server = world.Serve(certificate);
        world.Dns.Tlsa($"_{server.Port}._tcp.real.example.net", 3, 1, 1, SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));

        (await world.SendAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);

        Assert.Equal("real.example.net", Assert.Single(server.Sessions).ServerName);
    }

    [Theory]
    [InlineData("dane", "REQUIRETLS", Reasons.Delivered)]
    [InlineData("sts", "REQUIRETLS", Reasons.Delivered)]
    [InlineData("dnssec", "REQUIRETLS", Reasons.Delivered)]
    [InlineData("dnssec, untrusted", "REQUIRETLS", Reasons.TlsRequired)]
    [InlineData("sts testing", "REQUIRETLS", Reasons.TlsRequired)]
    [InlineData("nothing", "REQUIRETLS", Reasons.TlsRequired)]
    [InlineData("sts", "8BITMIME", Reasons.RemoteLacksRequireTls)]
    public async Task A_message_that_asks_for_TLS_goes_to_hosts_that_are_proven_and_promise_it(string proof, string keyword, string reason)
    {
        await using var world = (await MxWorld.StartAsync(validating: proof.StartsWith('d'))).Host("mx.example.com");
        using var certificate = proof is "dane" or "dnssec, untrusted" ? TestCertificate.For("mx.example.com") : world.Authority.Issue("mx.example.com");
        await using var server = world.Serve(certificate, keyword);
        switch (proof)
        {
            case "dane":
                Tlsa(world, server, 3, 1, 1, certificate);
                break;
            case "sts":
                world.Publish(MxWorld.Policy("enforce", "mx.example.com"));
                break;
            case "sts testing":
                world.Publish(MxWorld.Policy("testing", "mx.example.com"));
                break;
        }

        world.Sending.Asking = envelope => envelope with { RequireTls = true };

        var outcome = await world.SendAsync(server.Port);

        Assert.Equal((reason, reason == Reasons.Delivered ? OutcomeKind.Delivered : OutcomeKind.Bounced), (outcome.Reason, outcome.Kind));
        if (reason == Reasons.Delivered)
        {
            Assert.Contains("MAIL FROM:<sender@example.org> REQUIRETLS", server.Sessions[0].Commands.Select(command => command.Replace(" SIZE=25", "")));
        }
    }

    [Fact]
    public void An_anchor_that_signed_nothing_of_it_vouches_for_nothing()
    {
        using var authority = new TestAuthority();
        using var forger = new TestAuthority();
        // The same names all the way up, and keys of its own.
        using var forged = forger.Issue("mx.example.com");
        var proof = Proof(Record(2, 1, 1, authority.Intermediate));

        Assert.NotNull(proof.Judge(forged, [authority.Intermediate, authority.Root]));
        Assert.NotNull(proof.Judge(forged, [authority.Intermediate]));
        Assert.NotNull(proof.Judge(forged, [forger.Intermediate, authority.Intermediate]));
        Assert.Null(Proof(Record(2, 1, 1, forger.Intermediate)).Judge(forged, [forger.Intermediate]));
    }

    [Fact]
    public void An_anchor_may_be_the_root_and_stand_whole_in_DNS()
    {
        using var authority = new TestAuthority();
        using var certificate = authority.Issue("mx.example.com");

        Assert.Null(Proof(Record(2, 0, 0, authority.Root)).Judge(certificate, [authority.Intermediate]));
        Assert.Null(Proof(Record(2, 0, 0, authority.Intermediate)).Judge(certificate, []));
        Assert.Null(Proof(Record(2, 0, 2, authority.Root)).Judge(certificate, [authority.Intermediate, authority.Root]));
        Assert.Equal(TlsFault.TlsaMismatch, Proof(Record(2, 0, 2, authority.Root)).Judge(certificate, [authority.Intermediate]));
        // A certificate is no anchor of itself.
        Assert.Equal(TlsFault.TlsaMismatch, Proof(Record(2, 0, 1, certificate)).Judge(certificate, [authority.Intermediate]));
        Assert.NotNull(Proof(new TlsaRecord(2, 0, 0, "00FF")).Judge(certificate, [authority.Intermediate]));
    }

    [Fact]
    public void Under_an_anchor_the_dates_count()
    {
        using var authority = new TestAuthority();
        using var expired = authority.Issue(new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero), "mx.example.com");

        Assert.Equal(TlsFault.Expired, Proof(Record(2, 1, 1, authority.Intermediate)).Judge(expired, [authority.Intermediate]));
        Assert.Null(Proof(Record(3, 1, 1, expired)).Judge(expired, []));
    }

    [Fact]
    public void Of_two_digests_the_stronger_one_counts()
    {
        using var certificate = TestCertificate.For("mx.example.com");
        using var other = TestCertificate.For("mx.example.com");

        Assert.NotNull(Proof(Record(3, 1, 1, certificate), Record(3, 1, 2, other)).Judge(certificate, []));
        Assert.Null(Proof(Record(3, 1, 1, certificate), Record(3, 0, 2, other)).Judge(certificate, []));
        Assert.Null(Proof(Record(3, 1, 1, other), Record(3, 1, 1, certificate)).Judge(certificate, []));
    }

    [Fact]
    public void Proofs_of_the_same_records_are_equal()
    {
        using var certificate = TestCertificate.For("mx.example.com");
        var (one, two) = (Record(3, 1, 1, certificate), Record(3, 0, 1, certificate));

        Assert.Equal(TlsPolicy.ByDane(Proof(one, two)), TlsPolicy.ByDane(Proof(two, one)));
        Assert.NotEqual(TlsPolicy.ByDane(Proof(one)), TlsPolicy.ByDane(Proof(two)));
    }

    private static DaneProof Proof(params TlsaRecord[] records) => new("mx.example.com", records, "example.com");

    private static TlsaRecord Record(byte usage, byte selector, byte matching, X509Certificate2 certificate) =>
        new(usage, selector, matching, Convert.ToHexString(Data(selector, matching, certificate)));

    private static void Tlsa(MxWorld world, ScriptedSmtpServer server, byte usage, byte selector, byte matching, X509Certificate2 certificate) =>
        world.Dns.Tlsa($"_{server.Port}._tcp.mx.example.com", usage, selector, matching, Data(selector, matching, certificate));

    private static byte[] Data(byte selector, byte matching, X509Certificate2 certificate)
    {
        var content = selector == 0 ? certificate.RawData : certificate.PublicKey.ExportSubjectPublicKeyInfo();
        return matching switch { 0 => content, 1 => SHA256.HashData(content), _ => SHA512.HashData(content) };
    }
}
