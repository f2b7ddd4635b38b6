using System.Net;
using System.Text;
using Relay.Mail;

namespace Relay.Tests.Mail;

public sealed class TraceHeadersTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 4, 5, 6, 7, TimeSpan.FromHours(2));
    private static readonly MessageId Id = MessageId.New(At);

    [Fact]
    public void The_field_says_from_where_by_whom_for_whom_and_when()
    {
        var field = Received(new Origin { Protocol = "ESMTP", ClientAddress = "192.0.2.1", Helo = "client.example" }, "a@example.com");

        Assert.Equal(
            "Received: from client.example ([192.0.2.1])\r\n" +
            $"\tby relay.example (Relay) with ESMTP id {Id}\r\n" +
            "\tfor <a@example.com>;\r\n" +
            "\tWed, 04 Mar 2026 03:06:07 +0000\r\n", field);
    }

    [Theory]
    [InlineData("TLSv1.3 TLS_AES_256_GCM_SHA384", "\r\n\ttls TLS_AES_256_GCM_SHA384;")]
    [InlineData("TLSv1.2 what? (evil)", "example.com>;")]
    [InlineData("", "example.com>;")]
    [InlineData(null, "example.com>;")]
    public void Under_TLS_the_field_names_the_cipher_suite_and_never_the_account(string? tls, string end)
    {
        var field = Received(new Origin { Protocol = "ESMTPSA", Account = "app", Tls = tls, Lenient = true }, "a@example.com");

        Assert.Contains($"with ESMTPSA id {Id}", field);
        Assert.Contains(end, field);
        Assert.DoesNotContain("app", field);
    }

    [Fact]
    public void Nobody_reads_of_the_other_recipients() =>
        Assert.DoesNotContain("example.com", Received(new Origin { Protocol = "SMTP" }, "a@example.com", "b@example.com"));

    [Fact]
    public void Mail_of_our_own_comes_from_nobody() =>
        Assert.StartsWith($"Received: by relay.example (Relay) with local id {Id}\r\n\tfor", Received(Origin.Local, "a@example.com"));

    [Fact]
    public void An_IPv6_client_is_an_address_literal()
    {
        var address = Origin.Text(IPAddress.Parse("fe80::1%3"));

        Assert.Equal("fe80::1", address);
        Assert.Contains("([IPv6:fe80::1])", Received(new Origin { Protocol = "SMTP", ClientAddress = address }, "a@example.com"));
        Assert.Equal("192.0.2.1", Origin.Text(IPAddress.Parse("::ffff:192.0.2.1")));
    }

    [Theory]
    [InlineData("evil\r\nBcc: victim@example.com")]
    [InlineData("evil\nX: y")]
    [InlineData("a (comment")]
    [InlineData("a) by other.example (b")]
    [InlineData("a; Mon, 1 Jan 2024 00:00:00 +0000")]
    [InlineData("a\"b\\")]
    [InlineData("a\tb c")]
    [InlineData("grüße.example")]
    [InlineData("a\u0085b")]
    [InlineData("")]
    public void A_HELO_cannot_break_the_field(string helo)
    {
        var field = Received(new Origin { Protocol = "SMTP", ClientAddress = "192.0.2.1", Helo = helo }, "a@example.com");

        Assert.Matches(@"^Received: from [!-~]+ \(\[192\.0\.2\.1\]\)\r\n\tby relay\.example \(Relay\) with SMTP id [0-9a-f]{32}\r\n\tfor <a@example\.com>;\r\n\t[^\r\n;()]+\r\n$", field);
        Assert.Equal(1, field.Count(c => c == ';'));
    }

    [Fact]
    public void Lines_stay_within_the_limit_whatever_is_said()
    {
        var field = Received(
            new Origin { Protocol = "ESMTPSA", ClientAddress = "192.0.2.1", Helo = new string('x', 100_000) },
            $"{new string('a', 64)}@{string.Join('.', Enumerable.Repeat(new string('b', 63), 4))}");

        Assert.All(field.Split("\r\n"), line => Assert.InRange(line.Length, 0, 998));
    }

    [Theory]
    [InlineData("jürgen@example.com")]
    [InlineData("a@bücher.example")]
    public void The_field_is_ASCII_and_does_not_make_a_message_need_SMTPUTF8(string recipient)
    {
        var field = Received(new Origin { Protocol = "UTF8SMTP" }, recipient);

        Assert.True(Ascii.IsValid(field));
        Assert.DoesNotContain("for <", field);
    }

    [Theory]
    [InlineData("2026-01-01T00:00:00+14:00", "Wed, 31 Dec 2025 10:00:00 +0000")]
    [InlineData("2024-02-29T23:59:59Z", "Thu, 29 Feb 2024 23:59:59 +0000")]
    public void Dates_are_in_UTC_and_in_English(string at, string date) =>
        Assert.Equal(date, TraceHeaders.Date(DateTimeOffset.Parse(at)));

    private static string Received(Origin origin, params string[] recipients)
    {
        var envelope = new Envelope
        {
            ReversePath = ReversePath.Null,
            Recipients = [.. recipients.Select(r => new ForwardPath(Mailbox.TryParse(r, out var mailbox) ? mailbox : throw new ArgumentException(r)))],
        };
        return Encoding.UTF8.GetString(TraceHeaders.Received(Id, origin, envelope, "relay.example", At));
    }
}
