using Microsoft.Extensions.Logging;
using Relay.Options;
using Relay.Support;
using Relay.Telemetry;

namespace Relay.SmtpIngress.Tests;

public sealed class TlsTests
{
    /// <summary>An alert, data of an application, a ServerHello, an empty ClientHello, and a command in clear.</summary>
    [Theory]
    [InlineData("15030100020228")]
    [InlineData("170303000400000000")]
    [InlineData("160301000402000000")]
    [InlineData("160301000401000000")]
    [InlineData("45484c4f20610d0a")]
    public async Task What_is_no_ClientHello_after_STARTTLS_ends_the_session_and_is_no_fault_of_the_relay(string octets)
    {
        using var certificate = TestCertificate.For(TestServer.HostName);
        using var logs = new OneLog();
        var wanted = new TestServerOptions { Certificate = certificate, Logs = logs };
        wanted = wanted with { Listener = wanted.Listener with { Tls = ListenerTls.StartTls } };
        await using (var server = await TestServer.StartAsync(wanted))
        {
            await using var client = await server.ConnectAsync();
            Assert.StartsWith("220 ", await client.ReadReplyAsync());
            Assert.StartsWith("250 ", await client.SayAsync("EHLO client.test"));
            Assert.StartsWith("220 ", await client.SayAsync("STARTTLS"));

            await client.SendAsync(Convert.FromHexString(octets));
            client.EndSending();

            // An alert at most, which is no line; never a reply in clear.
            while (await client.ReadLineAsync() is { } line)
            {
                Assert.StartsWith("(incomplete) ", line);
                Assert.DoesNotMatch("[0-9]{3} ", line);
            }
        }

        Assert.Contains(logs.Log.Lines, line => line.Event == EventIds.TlsFailed);
        Assert.DoesNotContain(logs.Log.Lines, line => line.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task Draining_ends_a_handshake_without_a_word_and_it_is_no_fault_of_the_relay()
    {
        using var certificate = TestCertificate.For(TestServer.HostName);
        using var logs = new OneLog();
        var wanted = new TestServerOptions { Certificate = certificate, Logs = logs };
        wanted = wanted with { Listener = wanted.Listener with { Tls = ListenerTls.Implicit } };
        await using var server = await TestServer.StartAsync(wanted);
        await using var client = await server.ConnectAsync();
        await client.SendAsync(Convert.FromHexString("160301"));
        await Eventually.HoldsAsync(() => server.Server.OpenSessions == 1, "the session");

        await server.Server.DrainAsync(TimeSpan.FromSeconds(30), CancellationToken.None);

        Assert.Null(await client.ReadLineAsync());
        Assert.DoesNotContain(logs.Log.Lines, line => line.Level >= LogLevel.Warning);
    }
}
