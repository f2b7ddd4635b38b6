using System.Net;
using Relay.Checks.Spf;
using Relay.Dns;
using Relay.Support;

namespace Relay.Tests.Checks.Spf;

/// <summary>The openspf suite for RFC 7208 over real DNS on loopback.</summary>
public sealed class SpfSuiteTests(SpfSuiteTests.Servers servers) : IClassFixture<SpfSuiteTests.Servers>
{
    private const string Place = "../shared/suites";

    public static TheoryData<int, string> Cases() =>
        new(SpfSuite.Names().DefaultIfEmpty((-1, "the suite")).Select(test => (test.Item1, test.Item2)));

    [Fact]
    public void The_suite_is_whole()
    {
        Needs.File(SpfSuite.File, Place);

        Assert.Equal(203, SpfSuite.Names().Count());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_result_is_one_that_the_suite_allows(int section, string name)
    {
        Needs.File(SpfSuite.File, Place);
        var test = SpfSuite.Case(section, name);
        var evaluator = new SpfEvaluator(servers.Resolver(section), "receiver.example", TimeProvider.System);

        var found = await evaluator.EvaluateAsync(
            SpfIdentity.MailFrom(IPAddress.Parse(test.Client), test.Helo, test.MailFrom), default);

        Assert.True(test.Results.Contains(found.Result.Word()), $"{name}: {found}");
        if (test.Explanation is not null and not SpfCase.DefaultExplanation)
        {
            Assert.Equal(test.Explanation, found.Explanation);
            Assert.NotNull(found.ExplainedBy);
        }
        else if (test.Explanation is not null)
        {
            Assert.Null(found.ExplainedBy);
            Assert.NotNull(found.Explanation);
        }
    }

    /// <summary>One server for each section that is asked in.</summary>
    public sealed class Servers : IAsyncDisposable
    {
        private readonly Dictionary<int, (LoopbackDns Dns, IDnsResolver Resolver)> servers = [];

        internal IDnsResolver Resolver(int section)
        {
            if (!servers.TryGetValue(section, out var server))
            {
                var dns = LoopbackDns.Start();
                SpfSuite.Publish(section, dns);
                var resolver = new PartlySilentDns(new DnsResolver(dns.Options, TimeProvider.System), SpfSuite.Silence(section));
                servers[section] = server = (dns, resolver);
            }

            return server.Resolver;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var (dns, _) in servers.Values)
            {
                await dns.DisposeAsync();
            }
        }
    }
}
