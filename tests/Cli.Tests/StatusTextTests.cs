using Relay.Cli.Status;
using Relay.Mail;
using Relay.Status;

namespace Relay.Cli.Tests;

public sealed class StatusTextTests
{
    private static readonly DateTimeOffset AcceptedAt = new(2026, 5, 1, 13, 0, 0, 250, TimeSpan.FromHours(2));

    [Fact]
    public void Of_what_was_sent_on_it_is_shown_for_whom()
    {
        var output = new StringWriter();
        StatusText.Write(output, new MessageStatus
        {
            Id = "019a2b3c4d5e7f8091a2b3c4d5e6f708",
            AcceptedAt = AcceptedAt,
            Sender = "",
            Size = 1,
            Origin = new Origin { Protocol = "ESMTP", ForwardedFor = "info@example.org" },
            HasContent = true,
            Recipients = [],
        });

        Assert.Contains("forwarded for  info@example.org\n", output.ToString().ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_is_shown_with_its_recipients_and_its_timeline()
    {
        var status = new MessageStatus
        {
            Id = "019a2b3c4d5e7f8091a2b3c4d5e6f708",
            AcceptedAt = AcceptedAt,
            Sender = "app@example.com",
            Size = 1234,
            Origin = new Origin { Protocol = "ESMTP", ClientAddress = "192.0.2.7", Helo = "laptop", SessionId = "dc25" },
            HasContent = true,
            Recipients =
            [
                new RecipientStatus { Address = "a@example.net", State = RecipientState.Delivered, Reason = Reasons.Delivered, Attempts = 1 },
                new RecipientStatus
                {
                    Address = "someone@example.org", State = RecipientState.Deferred, Reason = Reasons.RemoteTemporary, Attempts = 2,
                    NextAttemptAt = AcceptedAt.AddMinutes(5),
                },
                new RecipientStatus { Address = "c@example.net", State = RecipientState.Queued },
            ],
            Events =
            [
                new StatusEvent { At = AcceptedAt, Kind = "accepted" },
                new StatusEvent
                {
                    At = AcceptedAt.AddSeconds(1), Kind = "delivered", Recipient = 0, Reason = Reasons.Delivered, Route = "internet",
                    RemoteHost = "mx.example.net[192.0.2.1]:25", Detail = "250 2.0.0 Ok: queued",
                },
                new StatusEvent
                {
                    At = AcceptedAt.AddSeconds(2), Kind = "deferred", Recipient = 1, Reason = Reasons.ConnectFailed, Route = "internet",
                },
            ],
        };

        Assert.Equal(
            """
            id        019a2b3c4d5e7f8091a2b3c4d5e6f708
            accepted  2026-05-01T11:00:00Z
            from      app@example.com
            size      1234 octets, content kept
            client    192.0.2.7 (laptop) by ESMTP in session dc25

            recipients
              a@example.net        delivered  delivered         1 attempt
              someone@example.org  deferred   remote-temporary  2 attempts     next at 2026-05-01T11:05:00Z
              c@example.net        queued                       not tried yet

            timeline
              2026-05-01T11:00:00.250Z  accepted
              2026-05-01T11:00:01.250Z  delivered  a@example.net        internet  mx.example.net[192.0.2.1]:25  250 2.0.0 Ok: queued
              2026-05-01T11:00:02.250Z  deferred   someone@example.org  internet                                connect-failed

            """,
            Written(status));
    }

    [Fact]
    public void What_checks_found_and_what_became_of_it_is_shown()
    {
        var status = new MessageStatus
        {
            Id = "019a2b3c4d5e7f8091a2b3c4d5e6f708",
            AcceptedAt = AcceptedAt,
            Sender = "app@example.com",
            Size = 1,
            Origin = new Origin { Protocol = "ESMTP" },
            HasContent = true,
            Recipients =
            [
                new RecipientStatus { Address = "a@example.net", State = RecipientState.Quarantined, Reason = "some-reason" },
                new RecipientStatus { Address = "b@example.net", State = RecipientState.Rejected, Reason = "some-reason" },
            ],
            Events =
            [
                new StatusEvent { At = AcceptedAt, Kind = StatusEvents.Checked, Reason = "some-reason", Detail = "some words" },
                new StatusEvent { At = AcceptedAt, Kind = StatusEvents.Checked, Detail = "words alone" },
                new StatusEvent { At = AcceptedAt, Kind = "quarantined", Recipient = 0, Reason = "some-reason", Detail = "some words" },
            ],
        };

        Assert.EndsWith(
            """
            recipients
              a@example.net  quarantined  some-reason  not tried
              b@example.net  rejected     some-reason  not tried

            timeline
              2026-05-01T11:00:00.250Z  checked                     some-reason: some words
              2026-05-01T11:00:00.250Z  checked                     words alone
              2026-05-01T11:00:00.250Z  quarantined  a@example.net  some words

            """,
            Written(status));
    }

    [Fact]
    public void What_strangers_sent_cannot_steer_the_terminal_or_add_lines()
    {
        var status = new MessageStatus
        {
            Id = "019a2b3c4d5e7f8091a2b3c4d5e6f708",
            AcceptedAt = AcceptedAt,
            Sender = "\u001b[2Jx@example.com",
            Size = 1,
            Origin = new Origin { Protocol = "SMTP", Helo = "a\r\nid forged" },
            HasContent = false,
            Recipients = [new RecipientStatus { Address = "\u202egnp@example.net", State = RecipientState.Bounced, Attempts = 1 }],
            Events = [new StatusEvent { At = AcceptedAt, Kind = "bounced", Recipient = 0, Detail = "550 \u009b31m\ntwo\tlines" }],
        };

        var text = Written(status);

        Assert.DoesNotContain(text, c => c != '\n' && (char.IsControl(c) || c == '\u202e'));
        Assert.Equal(11, text.Count(c => c == '\n'));
        Assert.Contains("from      ?[2Jx@example.com", text);
        Assert.Contains("550 ?31m two lines", text);
    }

    [Fact]
    public void The_null_reverse_path_and_mail_of_our_own_are_shown_as_such()
    {
        var status = new MessageStatus
        {
            Id = "019a2b3c4d5e7f8091a2b3c4d5e6f708",
            AcceptedAt = AcceptedAt,
            Sender = "",
            Size = 1,
            Origin = Origin.Local,
            HasContent = false,
            Recipients = [new RecipientStatus { Address = "a@example.net", State = RecipientState.Queued }],
            Events = [new StatusEvent { At = AcceptedAt, Kind = "set-aside", Recipient = 7 }],
        };

        var text = Written(status);

        Assert.Contains("from      <>\n", text);
        Assert.Contains("client    by local\n", text);
        Assert.Contains("content no longer kept\n", text);
    }

    [Fact]
    public void It_is_shown_who_was_signed_in_and_how_it_came()
    {
        var status = new MessageStatus
        {
            Id = "019a2b3c4d5e7f8091a2b3c4d5e6f708",
            AcceptedAt = AcceptedAt,
            Sender = "app@example.com",
            Size = 1,
            Origin = new Origin
            {
                Protocol = "ESMTPSA",
                ClientAddress = "192.0.2.7",
                SessionId = "dc25",
                Account = "app\u001b[2J",
                Tls = "TLSv1.3 TLS_AES_256_GCM_SHA384",
                Lenient = true,
            },
            HasContent = false,
            Recipients = [],
        };

        Assert.Contains(
            "client    192.0.2.7 by ESMTPSA as app?[2J over TLSv1.3 TLS_AES_256_GCM_SHA384 in session dc25 with lenient syntax\n",
            Written(status));
    }

    private static string Written(MessageStatus status)
    {
        using var output = new StringWriter { NewLine = "\n" };
        StatusText.Write(output, status);
        return output.ToString();
    }
}
