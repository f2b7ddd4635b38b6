using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using MimeKit;
using Relay.Mail;
using Relay.Options;
using Relay.Routing;
using Relay.Spool;
using Relay.Spool.Embedded;
using Relay.Status;
using Relay.Support;

namespace Relay.EndToEnd;

/// <summary>Mail that leaves: real clients, a real DNS server, real servers.</summary>
public sealed class DeliveryTests
{
    private static readonly byte[] Hello = Encoding.ASCII.GetBytes("Subject: hello\r\n\r\nhello\r\n");

    [Fact]
    public async Task Mail_leaves_to_the_mx_that_dns_names_past_one_that_is_dead()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var dns = LoopbackDns.Start();
        dns.Mx("example.net", 10, "dead.example.net").Mx("example.net", 20, "mx.example.net")
            .A("dead.example.net", "127.0.0.99").A("mx.example.net", "127.0.0.1");
        await using var relay = await WholeRelay.StartAsync(o => o with
        {
            Dns = dns.Options,
            Routes = [new Route { Name = "internet", Kind = RouteKind.Mx, Recipients = ["*"], Port = sink.Port }],
        });

        var status = await relay.FinalAsync(await relay.AcceptAsync(Hello, "app@example.com", "someone@example.net"));

        var recipient = Assert.Single(status.Recipients);
        Assert.Equal((RecipientState.Delivered, "internet"), (recipient.State, recipient.Route));
        Assert.Equal($"mx.example.net[127.0.0.1]:{sink.Port}", recipient.RemoteHost);
        Assert.StartsWith("250 2.0.0", recipient.Reply);
        Assert.Equal(["<someone@example.net>"], Assert.Single(sink.Messages()).RcptTo);
    }

    [Fact]
    public async Task A_relay_that_cannot_listen_makes_no_attempt()
    {
        var folder = Directory.CreateTempSubdirectory("relay-taken-").FullName;
        await using var server = ScriptedSmtpServer.Start(_ => Task.CompletedTask);
        await using (var other = await WholeRelay.StartAsync(o => o))
        {
            var spool = EmbeddedSpool.Open(folder, TimeProvider.System, NullLogger<EmbeddedSpool>.Instance);
            var intake = new Intake(spool, new RelayOptions { HostName = "relay.test", Data = folder }, TimeProvider.System, NullLogger<Intake>.Instance);
            await using (spool)
            {
                await using var message = intake.Begin(
                    new Envelope { ReversePath = ReversePath.Null, Recipients = [new ForwardPath(new Mailbox("a", "example.net"))] }, Origin.Local);
                Assert.NotNull((await message.CompleteAsync()).Accepted);
            }

            await Assert.ThrowsAnyAsync<IOException>(() => WholeRelay.StartAsync(o => o with
            {
                Smtp = new SmtpOptions { Listeners = [new ListenerOptions { Address = new IPEndPoint(IPAddress.Loopback, other.SmtpPort) }] },
                Routes = [WholeRelay.Smarthost(server.Port)],
            }, folder));
        }

        Assert.Empty(server.Sessions);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Two_domains_of_one_message_each_go_to_their_own_mx()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var dns = LoopbackDns.Start();
        dns.Mx("one.test", 10, "mx.one.test").A("mx.one.test", "127.0.0.1").A("two.test", "127.0.0.1");
        await using var relay = await WholeRelay.StartAsync(o => o with
        {
            Dns = dns.Options,
            Routes = [new Route { Name = "internet", Kind = RouteKind.Mx, Recipients = ["*"], Port = sink.Port }],
        });

        var status = await relay.FinalAsync(await relay.AcceptAsync(Hello, "app@example.com", "a@one.test", "b@two.test"));

        Assert.Equal(["mx.one.test", "two.test"], status.Recipients.Select(r => r.RemoteHost!.Split('[')[0]));
        Assert.Equal(["<a@one.test>", "<b@two.test>"], sink.Messages().Select(m => m.RcptTo.Single()).Order());
    }

    [Fact]
    public async Task A_domain_that_does_not_exist_bounces_and_the_sender_gets_a_dsn_that_programs_can_read()
    {
        await using var dns = LoopbackDns.Start();
        await using var relay = await WholeRelay.StartAsync(o => o with
        {
            Dns = dns.Options,
            Routes =
            [
                new Route { Name = "own", Kind = RouteKind.Capture, Recipients = ["example.com"] },
                new Route { Name = "internet", Kind = RouteKind.Mx, Recipients = ["*"] },
            ],
        });

        var id = await relay.AcceptAsync(Hello, "app@example.com", "someone@nowhere.test");
        var status = await relay.StatusAsync(id, s => s.Events!.Any(e => e.Kind == StatusEvents.Notified));

        Assert.Equal((RecipientState.Bounced, Reasons.DomainNotFound), (status.Recipients[0].State, status.Recipients[0].Reason));
        Assert.True(Mail.MessageId.TryParse(status.Events!.Single(e => e.Kind == StatusEvents.Notified).Detail!.Split(' ')[0], out var dsn));
        await relay.FinalAsync(dsn);
        using var stream = new MemoryStream(await relay.ContentAsync(dsn));
        var message = await MimeMessage.LoadAsync(stream);
        var report = Assert.IsType<MultipartReport>(message.Body);
        Assert.Equal("app@example.com", message.To.Mailboxes.Single().Address);
        Assert.Equal("delivery-status", report.ReportType);
        var groups = Assert.IsType<MessageDeliveryStatus>(report[1]).StatusGroups;
        Assert.Equal("dns; relay.test", groups[0]["Reporting-MTA"]);
        Assert.Equal("rfc822; someone@nowhere.test", groups[1]["Final-Recipient"]);
        Assert.Equal(("failed", "5.1.2"), (groups[1]["Action"], groups[1]["Status"]));
        Assert.Equal("hello", Assert.IsType<TextRfc822Headers>(report[2]).Message!.Subject);
    }

    [Fact]
    public async Task What_the_server_defers_is_tried_again_and_what_it_refuses_bounces()
    {
        await using var refusing = await SmtpSink.StartAsync("-f", "RCPT");
        await using var deferring = await SmtpSink.StartAsync("-r", "RCPT");
        await using var relay = await WholeRelay.StartAsync(o => o with
        {
            Routes =
            [
                WholeRelay.Smarthost(refusing.Port) with { Name = "dead", Recipients = ["dead.test"] },
                WholeRelay.Smarthost(deferring.Port) with { Name = "later", Recipients = ["later.test"] },
                new Route { Name = "own", Kind = RouteKind.Capture, Recipients = ["example.com"] },
            ],
        });

        var id = await relay.AcceptAsync(Hello, "app@example.com", "a@later.test", "b@dead.test");
        var status = await relay.StatusAsync(id, s => s.Recipients[0].Attempts >= 3 && s.Recipients[1].State.IsFinal());

        Assert.Equal((RecipientState.Deferred, Reasons.RemoteTemporary), (status.Recipients[0].State, status.Recipients[0].Reason));
        Assert.Equal((RecipientState.Bounced, Reasons.RemotePermanent, 1), (status.Recipients[1].State, status.Recipients[1].Reason, status.Recipients[1].Attempts));
    }

    [Fact]
    public async Task Swaks_gets_the_id_in_the_reply_and_its_mail_is_captured()
    {
        var swaks = Needs.Program("swaks", "Debian's package swaks");
        await using var relay = await WholeRelay.StartAsync(o => o);
        using var process = Process.Start(new ProcessStartInfo(
            swaks, ["--server", $"127.0.0.1:{relay.SmtpPort}", "--to", "someone@example.com", "--from", "app@example.com"])
        {
            RedirectStandardOutput = true,
        })!;
        var dialog = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(0, process.ExitCode);
        var reply = dialog.Split('\n').Single(line => line.Contains("Accepted"));
        Assert.True(Mail.MessageId.TryParse(reply.Trim().Split(' ')[^1], out var id));
        var status = await relay.FinalAsync(id);
        Assert.Equal(Reasons.Captured, status.Recipients[0].Reason);
        Assert.Contains("This is a test mailing", Encoding.UTF8.GetString(await relay.ContentAsync(id)));
    }

    [Fact]
    public async Task Mail_that_waits_for_a_dead_host_is_there_after_a_restart()
    {
        var data = Directory.CreateTempSubdirectory("relay-restart-").FullName;
        await using var sink = await SmtpSink.StartAsync();
        Mail.MessageId id;
        await using (var relay = await WholeRelay.StartAsync(o => o with { Routes = [WholeRelay.Smarthost(1)] }, data))
        {
            id = await relay.AcceptAsync(Hello, "app@example.com", "a@example.net");
            var waiting = await relay.StatusAsync(id, s => s.Recipients[0].State == RecipientState.Deferred);
            Assert.Equal(Reasons.ConnectFailed, waiting.Recipients[0].Reason);
        }

        await using (var relay = await WholeRelay.StartAsync(o => o with { Routes = [WholeRelay.Smarthost(sink.Port)] }, data))
        {
            Assert.Equal(RecipientState.Delivered, (await relay.FinalAsync(id)).Recipients[0].State);
        }

        Assert.Single(sink.Messages());
        Directory.Delete(data, recursive: true);
    }
}
