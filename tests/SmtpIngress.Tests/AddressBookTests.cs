using Microsoft.Extensions.Logging;
using Relay.Addresses;
using Relay.Mail;
using Relay.Options;
using Relay.Spool;
using Relay.Support;
using Relay.Telemetry;

namespace Relay.SmtpIngress.Tests;

/// <summary>What changes in the address book changes what a running server takes.</summary>
public sealed class AddressBookTests
{
    private const string Relaying = "550 5.7.1 Relaying denied";
    private const string Ok = "250 2.1.5 Recipient OK";

    [Fact]
    public async Task A_domain_that_is_added_and_removed_is_ours_in_between_even_in_one_session()
    {
        var wanted = new TestServerOptions { IsTrusted = false };
        await using var server = await TestServer.StartAsync(wanted);
        await using var client = await InMailAsync(server);
        Assert.Equal(Relaying, await client.SayAsync("RCPT TO:<info@example.com>"));

        await wanted.Addresses.AddDomainAsync(new DomainOptions { Name = "example.com", Recipients = ["info"] }, default);
        Assert.Equal(Ok, await client.SayAsync("RCPT TO:<info@example.com>"));
        Assert.Equal("550 5.1.1 No such recipient here", await client.SayAsync("RCPT TO:<nobody@example.com>"));

        await wanted.Addresses.RemoveDomainAsync("example.com", default);
        Assert.Equal(Relaying, await client.SayAsync("RCPT TO:<info@example.com>"));
    }

    [Fact]
    public async Task Where_both_have_a_domain_the_configuration_counts()
    {
        var wanted = new TestServerOptions { IsTrusted = false, Domains = [new DomainOptions { Name = "example.com", Recipients = ["info"] }] };
        await wanted.Addresses.AddDomainAsync(new DomainOptions { Name = "Example.COM", Recipients = ["other"] }, default);
        await using var server = await TestServer.StartAsync(wanted);
        await using var client = await InMailAsync(server);

        Assert.Equal(Ok, await client.SayAsync("RCPT TO:<info@example.com>"));
        Assert.Equal("550 5.1.1 No such recipient here", await client.SayAsync("RCPT TO:<other@example.com>"));
    }

    [Fact]
    public async Task Why_a_suppressed_recipient_is_refused_is_for_the_log_alone()
    {
        var log = new OneLog();
        var wanted = new TestServerOptions { Logs = log };
        await wanted.Addresses.SuppressAsync(new Suppression("b@example.org", "secret cause", new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), null), default);
        await using var server = await TestServer.StartAsync(wanted);
        await using var client = await InMailAsync(server);

        Assert.Equal("550 5.1.1 Recipient is on the suppression list of this relay", await client.SayAsync("RCPT TO:<b@example.org>"));

        var line = Assert.Single(log.Log.Lines, line => line.Event == EventIds.SuppressedRefused);
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.EndsWith(" refused <b@example.org>: on the suppression list since 2026-11-01 00:00:00Z: secret cause", line.Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_book_that_cannot_be_read_refuses_for_now_and_the_session_goes_on(bool isTrusted)
    {
        var log = new OneLog();
        var wanted = new TestServerOptions { Logs = log, IsTrusted = isTrusted, Domains = [new DomainOptions { Name = "example.com" }] };
        await using var server = await TestServer.StartAsync(wanted);
        await using var client = await InMailAsync(server);

        wanted.Addresses.Trouble = new SpoolException(SpoolFault.Unavailable, "the disk is gone");
        Assert.Equal(
            "451 4.3.0 Cannot tell whether this recipient is here, try again later", await client.SayAsync("RCPT TO:<b@example.com>"));
        wanted.Addresses.Trouble = null;
        Assert.Equal(Ok, await client.SayAsync("RCPT TO:<b@example.com>"));

        var line = Assert.Single(log.Log.Lines, line => line.Event == EventIds.AddressBookFailed);
        Assert.Equal(LogLevel.Error, line.Level);
        Assert.Contains("the disk is gone", line.Text);
    }

    [Fact]
    public async Task Domains_are_put_in_order_only_when_the_book_has_changed()
    {
        var book = new MemoryAddressBook();
        await book.AddDomainAsync(new DomainOptions { Name = "example.com" }, default);
        var domains = new LiveDomains(new RelayOptions { HostName = TestServer.HostName, Data = "" }, book);
        var recipient = new Mailbox("a", "example.com");
        Assert.Equal(DomainVerdict.Exists, domains.Find(recipient));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            domains.Find(recipient);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }

    private static async Task<TestClient> InMailAsync(TestServer server)
    {
        var client = await server.ConnectAsync();
        await client.ReadReplyAsync();
        await client.SayAsync("EHLO client.test");
        Assert.StartsWith("250 ", await client.SayAsync("MAIL FROM:<a@client.test>"));
        return client;
    }
}
