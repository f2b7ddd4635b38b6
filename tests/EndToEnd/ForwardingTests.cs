using System.Net;
using System.Text;
using Relay.Addresses;
using Relay.Addresses.Embedded;
using Relay.Mail;
using Relay.Options;
using Relay.Status;
using Relay.Support;

namespace Relay.EndToEnd;

/// <summary>A whole relay that sends mail on, into a real server, and takes back what bounces.</summary>
public sealed class ForwardingTests : IDisposable
{
    private static readonly byte[] Letter = Encoding.ASCII.GetBytes(
        "From: A <user@example.com>\r\nTo: info@example.org\r\nSubject: hello\r\n\r\nhello\r\n.hidden dot\r\n");

    private readonly string folder = Directory.CreateTempSubdirectory("relay-forwarding-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task An_alias_that_is_added_while_the_relay_runs_sends_mail_on_and_its_bounce_comes_back()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var relay = await StrangersAsync(sink);
        Assert.DoesNotMatch("^250", await relay.SubmitAsync(Letter, "user@example.com", "info@example.org"));
        await using (var book = EmbeddedAddressBook.Open(folder, TimeProvider.System))
        {
            await book.AddAliasAsync(new Alias("info@example.org", ["anna@example.net"]), default);
        }

        var child = await ForwardedAsync(relay, await AcceptWhenKnownAsync(relay, "user@example.com", "info@example.org"));

        Assert.Equal("info@example.org", child.Origin.ForwardedFor);
        Assert.Equal(RecipientState.Delivered, Assert.Single(child.Recipients).State);
        var came = Assert.Single(sink.Messages());
        Assert.Equal(["<anna@example.net>"], came.RcptTo.Select(Address));
        Assert.Matches("^<SRS0=[A-Za-z0-9+/]{4}=[A-Z2-7]{2}=example.com=user@relay.test>$", Address(came.MailFrom));
        Assert.EndsWith(Encoding.ASCII.GetString(Letter), Encoding.ASCII.GetString(came.Content), StringComparison.Ordinal);

        var bounce = await relay.AcceptAsync("Subject: failed\r\n\r\nno\r\n"u8.ToArray(), "", Address(came.MailFrom)[1..^1]);
        await ForwardedAsync(relay, bounce);

        var back = Assert.Single(sink.Messages(), message => Address(message.MailFrom) == "<>");
        Assert.Equal(["<user@example.com>"], back.RcptTo.Select(Address));
    }

    /// <summary>Without the parameters behind it.</summary>
    private static string Address(string argument) => argument[..(argument.IndexOf('>') + 1)];

    /// <summary>The message that was sent on, once it is done.</summary>
    private static async Task<MessageStatus> ForwardedAsync(WholeRelay relay, MessageId id)
    {
        var recipient = Assert.Single((await relay.FinalAsync(id)).Recipients);
        Assert.Equal((RecipientState.Delivered, Reasons.Forwarded), (recipient.State, recipient.Reason));
        Assert.True(MessageId.TryParse(recipient.Reply!.Split(' ')[^1], out var child), recipient.Reply);
        return await relay.FinalAsync(child);
    }

    /// <summary>The relay sees a change of the book within seconds, and refuses until then.</summary>
    private static async Task<MessageId> AcceptWhenKnownAsync(WholeRelay relay, string from, string to)
    {
        while (true)
        {
            var reply = await relay.SubmitAsync(Letter, from, to);
            if (reply.StartsWith("250", StringComparison.Ordinal))
            {
                Assert.True(MessageId.TryParse(reply.Split(' ')[^1], out var id));
                return id;
            }
        }
    }

    /// <summary>A relay for example.org, where nobody is listed, to which everybody is a stranger.</summary>
    private Task<WholeRelay> StrangersAsync(SmtpSink sink) => WholeRelay.StartAsync(
        o => o with
        {
            Smtp = o.Smtp with { TrustedNetworks = [IPNetwork.Parse("192.0.2.0/24")] },
            Checks = new CheckOptions { Modes = Checks.CheckModes.Off },
            Domains = [new DomainOptions { Name = "example.org", Recipients = ["nobody"] }],
            Routes = [WholeRelay.Smarthost(sink.Port)],
        },
        folder);
}
