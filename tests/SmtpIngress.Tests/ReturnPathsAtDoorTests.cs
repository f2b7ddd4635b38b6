using Microsoft.Extensions.Time.Testing;
using Relay.Addresses;
using Relay.Forwarding;
using Relay.Mail;
using Relay.Options;

namespace Relay.SmtpIngress.Tests;

/// <summary>Whoever has a return-path of ours can send to it, and nobody can make one up.</summary>
public sealed class ReturnPathsAtDoorTests
{
    private const string Ok = "250 2.1.5 Recipient OK";
    private const string None = "550 5.1.1 This is no return path of ours, or it has expired";
    private const string Relaying = "550 5.7.1 Relaying denied";

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("SRS0=Jh03=JM=example.com=user@relay.test", Ok)]
    [InlineData("srs0=jh03=jm=example.com=user@RELAY.test", Ok)]
    [InlineData("SRS1=FxGp=first.example==abcd=AB=orig.example=joe@relay.test", Ok)]
    [InlineData("SRS0=Jh04=JM=example.com=user@relay.test", None)]
    [InlineData("SRS0=Jh03=JM=example.net=user@relay.test", None)]
    [InlineData("SRS0=Jh03=IA=example.com=user@relay.test", None)]
    [InlineData("SRS1=FxGq=first.example==abcd=AB=orig.example=joe@relay.test", None)]
    [InlineData("SRS0=@relay.test", None)]
    [InlineData("SRS0@relay.test", Relaying)]
    [InlineData("SRS0=Jh03=JM=example.com=user@other.test", Relaying)]
    [InlineData("bounces+agm4b77oabyabaaaaerukz4jvmaaaqfvyzmjbwsbc4@bounces.test", Ok)]
    [InlineData("BOUNCES+AGM4B77OABYABAAAAERUKZ4JVMAAAQFVYZMJBWSBC4@bounces.test", Ok)]
    [InlineData("bounces+agm4b77oabyabaaaaerukz4jvmaaaqfvyzmjbwsbd4@bounces.test", None)]
    [InlineData("bounces+agm4b77oabyabaaaaerukz4jvmaaaqfvyzmjbwsbc4@other.test", Relaying)]
    [InlineData("bounces+@bounces.test", None)]
    [InlineData("bounces@bounces.test", Relaying)]
    [InlineData("anybody@bounces.test", Relaying)]
    public async Task A_stranger_reaches_those_that_we_have_given_out(string recipient, string reply)
    {
        await using var server = await TestServer.StartAsync(new TestServerOptions { IsTrusted = false, Time = time });
        await using var client = await InMailAsync(server);

        Assert.Equal(reply, await client.SayAsync($"RCPT TO:<{recipient}>"));
    }

    [Fact]
    public async Task One_that_names_a_message_is_taken_and_needs_no_route()
    {
        var path = new Verp(TestServer.Secrets, "bounces.test").Of(MessageId.New(time.GetUtcNow()), 3);
        await using var server = await TestServer.StartAsync(new TestServerOptions { IsTrusted = false, Time = time, Routes = ["example.com"] });
        await using var client = await InMailAsync(server);

        Assert.Equal(Ok, await client.SayAsync($"RCPT TO:<{path}>"));
        Assert.Equal(Ok, await client.SayAsync("RCPT TO:<SRS0=Jh03=JM=example.com=user@relay.test>"));
    }

    [Fact]
    public async Task Who_may_relay_cannot_make_one_up_either()
    {
        await using var server = await TestServer.StartAsync(new TestServerOptions { Time = time });
        await using var client = await InMailAsync(server);

        Assert.Equal(None, await client.SayAsync("RCPT TO:<SRS0=aaaa=JM=example.com=user@relay.test>"));
    }

    [Fact]
    public async Task After_three_weeks_it_is_refused()
    {
        await using var server = await TestServer.StartAsync(new TestServerOptions { IsTrusted = false, Time = time });
        time.AdjustTime(time.GetUtcNow().AddDays(22));
        await using var client = await InMailAsync(server);

        Assert.Equal(None, await client.SayAsync("RCPT TO:<SRS0=Jh03=JM=example.com=user@relay.test>"));
    }

    [Fact]
    public async Task A_configured_alias_of_our_own_domain_exists_and_needs_no_route()
    {
        await using var server = await TestServer.StartAsync(new TestServerOptions
        {
            IsTrusted = false,
            Time = time,
            Routes = ["elsewhere.example"],
            Domains = [new DomainOptions { Name = "example.com", Recipients = ["nobody"] }],
            Aliases = [new Alias("info@example.com", ["a@example.net"]), new Alias("info@example.org", ["a@example.net"])],
        });
        await using var client = await InMailAsync(server);

        Assert.Equal(Ok, await client.SayAsync("RCPT TO:<info+x@example.com>"));
        Assert.Equal("550 5.1.1 No such recipient here", await client.SayAsync("RCPT TO:<sales@example.com>"));
        Assert.Equal(Relaying, await client.SayAsync("RCPT TO:<info@example.org>"));
    }

    private static async Task<TestClient> InMailAsync(TestServer server)
    {
        var client = await server.ConnectAsync();
        await client.ReadReplyAsync();
        await client.SayAsync("EHLO client.example");
        await client.SayAsync("MAIL FROM:<>");
        return client;
    }
}
