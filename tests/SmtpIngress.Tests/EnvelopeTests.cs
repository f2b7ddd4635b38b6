using Relay.Mail;
using Relay.Options;
using Relay.Support;

namespace Relay.SmtpIngress.Tests;

/// <summary>What a client says of its message is in the envelope and the origin that are spooled.</summary>
public sealed class EnvelopeTests
{
    [Fact]
    public async Task What_the_client_asks_for_is_in_the_envelope()
    {
        var wanted = new TestServerOptions { Certificate = TestCertificate.For(TestServer.HostName) };
        await using var server = await TestServer.StartAsync(wanted with { Listener = wanted.Listener with { Tls = ListenerTls.Implicit } });
        await using var client = await server.ConnectAsync();
        await client.SecureAsync();
        await client.ReadReplyAsync();
        await client.SayAsync("EHLO client.test");
        await client.SayAsync("MAIL FROM:<a@client.test> BODY=BINARYMIME SMTPUTF8 RET=HDRS ENVID=QQ+2B3 REQUIRETLS");
        await client.SayAsync("RCPT TO:<b@example.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;x+2By@example.test");
        await client.SayAsync("RCPT TO:<c@example.test> NOTIFY=NEVER");
        await client.SendAsync("BDAT 3 LAST\r\na\nb");
        Assert.StartsWith("250 2.0.0 Accepted", await client.ReadReplyAsync());

        var message = Assert.Single(server.Spool.Messages).Message;
        Assert.Equal(
            (BodyType.BinaryMime, true, DsnReturn.Headers, "QQ+3", true),
            (message.Envelope.Body, message.Envelope.SmtpUtf8, message.Envelope.Return, message.Envelope.EnvelopeId, message.Envelope.RequireTls));
        Assert.Equal(DsnNotify.Success | DsnNotify.Delay, message.Envelope.Recipients[0].Notify);
        Assert.Equal(new OriginalRecipient("rfc822", "x+y@example.test"), message.Envelope.Recipients[0].OriginalRecipient);
        Assert.Equal(DsnNotify.Never, message.Envelope.Recipients[1].Notify);
        Assert.Matches(@"^TLSv1\.[23] TLS_\w+$", message.Origin.Tls);
        Assert.False(message.Origin.Lenient);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_origin_says_whether_a_member_hands_it_in(bool isTrusted)
    {
        await using var server = await TestServer.StartAsync(new TestServerOptions { IsTrusted = isTrusted, IsOpenRelay = true });
        await using var client = await server.ConnectAsync();
        await client.BeginDataAsync();
        Assert.StartsWith("250 ", await client.SayAsync("."));

        Assert.Equal(isTrusted, Assert.Single(server.Spool.Messages).Message.Origin.IsMember);
    }

    [Theory]
    [InlineData("MAIL FROM:<a@client.test>", "RCPT TO: <b@example.test>")]
    [InlineData("MAIL FROM:a@client.test", "RCPT TO:<b@example.test>")]
    public async Task Lenient_syntax_is_recorded(string mail, string rcpt)
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.ConnectAsync();
        await client.ReadReplyAsync();
        await client.SayAsync("HELO client.test");
        await client.SayAsync(mail);
        await client.SayAsync(rcpt);
        await client.SayAsync("DATA");
        Assert.StartsWith("250 ", await client.SayAsync("."));
        Assert.True(Assert.Single(server.Spool.Messages).Message.Origin.Lenient);
    }

    [Fact]
    public async Task The_proxy_header_gives_the_address_of_the_origin()
    {
        var wanted = new TestServerOptions();
        await using var server = await TestServer.StartAsync(
            wanted with { Listener = wanted.Listener with { Proxy = wanted.Smtp.TrustedNetworks }, IsOpenRelay = true });
        await using var client = await server.ConnectAsync();
        await client.SendAsync("PROXY TCP6 2001:db8::7 2001:db8::1 40000 25\r\n");
        await client.BeginDataAsync();
        Assert.StartsWith("250 ", await client.SayAsync("."));
        Assert.Equal("2001:db8::7", Assert.Single(server.Spool.Messages).Message.Origin.ClientAddress);
    }
}
