using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Relay.Mail;
using Relay.Routing;
using Relay.Status;
using Relay.Transport;
using Relay.Transport.FinalDelivery;

namespace Relay.Tests.Transport.FinalDelivery;

/// <summary>Final delivery to files.</summary>
public sealed class MailboxTests : IDisposable
{
    private static readonly DateTimeOffset At = new(2026, 11, 25, 8, 5, 0, TimeSpan.Zero);
    private readonly string folder = Directory.CreateTempSubdirectory("relay-mailbox-").FullName;
    private readonly MessageId id = MessageId.New(At);
    private readonly FakeTimeProvider time = new(At);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_Maildir_gets_a_file_in_new_with_the_two_fields_and_LF()
    {
        var outcome = await DeliverAsync(MailboxFormat.Maildir, "Subject: x\r\n\r\n.one\r\nFrom two", "app@example.org", "Info+news@Example.com");

        outcome.Recipients.Single().Is(OutcomeKind.Delivered, Reasons.DeliveredToMailbox, 250);
        var file = Assert.Single(Directory.GetFiles(Path.Combine(folder, "example.com", "info", "new")));
        Assert.Equal($"{At.ToUnixTimeSeconds()}.{id}_0.relay.test", Path.GetFileName(file));
        Assert.Equal("Return-Path: <app@example.org>\nDelivered-To: Info+news@Example.com\nSubject: x\n\n.one\nFrom two\n", await ReadAsync(file));
        Assert.Empty(Directory.GetFiles(Path.Combine(folder, "example.com", "info", "tmp")));
        Assert.True(Directory.Exists(Path.Combine(folder, "example.com", "info", "cur")));
    }

    [Fact]
    public async Task An_attempt_that_is_made_again_leaves_one_copy()
    {
        await DeliverAsync(MailboxFormat.Maildir, "x", "", "a@example.com", "a+b@example.com");
        await DeliverAsync(MailboxFormat.Maildir, "x", "", "a@example.com", "a+b@example.com");

        // Two recipients, one mailbox.
        Assert.Equal(2, Directory.GetFiles(Path.Combine(folder, "example.com", "a", "new")).Length);
    }

    [Fact]
    public async Task An_mbox_is_appended_and_From_is_quoted_and_another_reader_gives_the_message_back()
    {
        await DeliverAsync(MailboxFormat.Mbox, "Subject: one\r\n\r\nFrom here\r\n>From there\r\nFromage\r\n> From\r\n", "app@example.org", "a@example.com");
        await DeliverAsync(MailboxFormat.Mbox, "Subject: two\r\n\r\nno line end", "", "a@example.com");

        var place = Path.Combine(folder, "example.com", "a");
        var text = await ReadAsync(place);
        Assert.Equal("""
            From app@example.org Wed Nov 25 08:05:00 2026
            Return-Path: <app@example.org>
            Delivered-To: a@example.com
            Subject: one

            >From here
            >>From there
            Fromage
            > From

            From MAILER-DAEMON Wed Nov 25 08:05:00 2026
            Return-Path: <>
            Delivered-To: a@example.com
            Subject: two

            no line end


            """.ReplaceLineEndings("\n"), text);
        using var stream = File.OpenRead(place);
        var parser = new MimeKit.MimeParser(stream, MimeKit.MimeFormat.Mbox);
        Assert.Equal("one", (await parser.ParseMessageAsync(TestContext.Current.CancellationToken)).Subject);
        Assert.Equal("two", (await parser.ParseMessageAsync(TestContext.Current.CancellationToken)).Subject);
        Assert.True(parser.IsEndOfStream);
        Assert.False(File.Exists(place + ".lock"));
    }

    [Fact]
    public async Task While_another_program_holds_the_lock_the_mail_waits_and_after_it_the_mailbox_is_taken()
    {
        var place = Path.Combine(folder, "example.com", "a");
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        await File.WriteAllTextAsync(place + ".lock", "", TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(place + ".lock", At.UtcDateTime);

        var delivering = DeliverAsync(MailboxFormat.Mbox, "x", "", "a@example.com");
        await AdvanceUntilAsync(delivering);

        (await delivering).Recipients.Single().Is(OutcomeKind.Deferred, Reasons.MailboxUnavailable, 452, "4.2.0");
        Assert.False(File.Exists(place));
        File.Delete(place + ".lock");
        (await DeliverAsync(MailboxFormat.Mbox, "x", "", "a@example.com")).Recipients.Single().Is(OutcomeKind.Delivered, Reasons.DeliveredToMailbox, 250);
    }

    [Fact]
    public async Task A_lock_that_was_left_behind_is_broken()
    {
        var place = Path.Combine(folder, "example.com", "a");
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        await File.WriteAllTextAsync(place + ".lock", "", TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(place + ".lock", At.UtcDateTime - TimeSpan.FromMinutes(11));

        (await DeliverAsync(MailboxFormat.Mbox, "x", "", "a@example.com")).Recipients.Single().Is(OutcomeKind.Delivered, Reasons.DeliveredToMailbox, 250);
    }

    [Fact]
    public async Task Fifty_at_the_same_time_are_all_there()
    {
        var transport = Transport(TimeProvider.System);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(n => transport.DeliverAsync(
            Request(MailboxFormat.Mbox, $"Subject: {n}\r\n\r\nx\r\n", "", "a@example.com"), default)));

        var text = await ReadAsync(Path.Combine(folder, "example.com", "a"));
        Assert.Equal(Enumerable.Range(0, 50).Select(n => $"Subject: {n}").Order(), text.Split('\n').Where(l => l.StartsWith("Subject", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task What_cannot_be_written_waits_and_the_other_recipients_have_theirs()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "blocked.example"), "a file where a folder should be", TestContext.Current.CancellationToken);

        var outcome = await DeliverAsync(MailboxFormat.Maildir, "x", "", "a@blocked.example", "a@example.com");

        outcome.Recipients[0].Is(OutcomeKind.Deferred, Reasons.MailboxUnavailable, 452, "4.2.0");
        outcome.Recipients[1].Is(OutcomeKind.Delivered, Reasons.DeliveredToMailbox, 250);
    }

    [Fact]
    public async Task A_message_that_was_here_before_goes_round_in_a_circle()
    {
        var outcome = await DeliverAsync(MailboxFormat.Maildir, "Delivered-To: b@example.com\r\nDelivered-To: A@Example.com\r\n\r\n", "", "a@example.com", "c@example.com");

        outcome.Recipients[0].Is(OutcomeKind.Bounced, Reasons.MailLoop, 554, "5.4.6");
        outcome.Recipients[1].Is(OutcomeKind.Delivered, Reasons.DeliveredToMailbox, 250);
    }

    [Theory]
    [InlineData("../../etc/passwd", "%2e./../etc/passwd", false)]
    [InlineData("..", "%2e.", true)]
    [InlineData("a/b", "a%2fb", true)]
    [InlineData("a\\b", "a%5cb", true)]
    [InlineData("Ünal", "%c3%bcnal", true)]
    [InlineData("a b", "a%20b", true)]
    [InlineData("+x", "+x", true)]
    [InlineData("user+detail", "user", true)]
    [InlineData("a%2fb", "a%252fb", true)]
    public void No_address_leads_out_of_its_place(string localPart, string name, bool isExact)
    {
        var place = MailboxPlace.Of("/var/mail/{domain}/{local}", new Mailbox(localPart, "example.com"));

        Assert.Equal("/var/mail/example.com", Path.GetDirectoryName(Path.GetFullPath(place)));
        Assert.True(!isExact || place == $"/var/mail/example.com/{name}", place);
    }

    [Fact]
    public void Lines_are_the_same_wherever_the_pieces_are_cut()
    {
        var random = new Random(5);
        byte[][] words = [.. new[] { "From ", ">", "From", "\r\n", "\n", "\r", "x", " ", ">From ", "Fro" }.Select(Encoding.ASCII.GetBytes)];
        for (var round = 0; round < 2000; round++)
        {
            var content = Enumerable.Range(0, random.Next(30)).SelectMany(_ => words[random.Next(words.Length)]).ToArray();
            Assert.Equal(Convert(content, content.Length), Convert(content, 1 + random.Next(4)));
        }
    }

    [Fact]
    public void Quoting_follows_the_rule_of_mboxrd()
    {
        var random = new Random(6);
        for (var round = 0; round < 2000; round++)
        {
            var lines = Enumerable.Range(0, random.Next(6))
                .Select(_ => new string('>', random.Next(3)) + new[] { "From x", "From", "Fromage", "x", "", " From ", "From " }[random.Next(7)]).ToArray();
            var expected = string.Concat(lines.Select(l => (System.Text.RegularExpressions.Regex.IsMatch(l, "^>*From ") ? ">" : "") + l + "\n"));

            Assert.Equal(expected, Convert(Encoding.ASCII.GetBytes(string.Concat(lines.Select(l => l + "\r\n"))), 7));
        }
    }

    /// <summary>Otherwise mail to bob.lock would lock the mailbox of bob, and be deleted as a lock that was left behind.</summary>
    [Fact]
    public async Task A_mailbox_is_never_the_lock_of_another()
    {
        await DeliverAsync(MailboxFormat.Mbox, "Subject: lock\r\n\r\n", "", "bob.lock@example.com");
        time.Advance(TimeSpan.FromDays(3650));

        (await DeliverAsync(MailboxFormat.Mbox, "Subject: bob\r\n\r\n", "", "bob@example.com")).Recipients.Single()
            .Is(OutcomeKind.Delivered, Reasons.DeliveredToMailbox, 250);

        Assert.Equal(2, Directory.GetFiles(Path.Combine(folder, "example.com")).Length);
    }

    [Fact]
    public async Task Behind_a_message_that_a_crash_cut_off_the_next_one_begins_on_a_line_of_its_own()
    {
        var place = Path.Combine(folder, "example.com", "a");
        Directory.CreateDirectory(Path.Combine(folder, "example.com"));
        await File.WriteAllTextAsync(place, "From x Wed Nov 25 08:05:00 2026\nSubject: half\n\nand th", TestContext.Current.CancellationToken);

        await DeliverAsync(MailboxFormat.Mbox, "Subject: whole\r\n\r\n", "", "a@example.com");

        Assert.Contains("\nand th\n\nFrom MAILER-DAEMON ", await ReadAsync(place), StringComparison.Ordinal);
    }

    private static string Convert(byte[] content, int pieces)
    {
        var lines = new UnixLines(quoteFrom: true);
        var output = new byte[UnixLines.RoomFor(content.Length) + 8];
        var length = 0;
        foreach (var piece in content.Chunk(Math.Max(1, pieces)))
        {
            length += lines.Write(piece, output.AsSpan(length));
        }

        return Encoding.ASCII.GetString(output, 0, length + lines.Finish(output.AsSpan(length)));
    }

    private static async Task<string> ReadAsync(string file) => await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);

    private async Task AdvanceUntilAsync(Task task)
    {
        while (!task.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    private Task<DeliveryOutcome> DeliverAsync(MailboxFormat format, string content, string sender, params string[] recipients) =>
        Transport(time).DeliverAsync(Request(format, content, sender, recipients), TestContext.Current.CancellationToken);

    private static MailboxTransport Transport(TimeProvider clock) => new("relay.test", clock, NullLogger<MailboxTransport>.Instance);

    private DeliveryRequest Request(MailboxFormat format, string content, string sender, params string[] recipients) => new()
    {
        Message = id,
        AcceptedAt = At,
        Envelope = new Envelope
        {
            ReversePath = Mailbox.TryParse(sender, out var from) ? new ReversePath(from) : ReversePath.Null,
            Recipients = [.. recipients.Select(r => Mailbox.TryParse(r, out var to) ? new ForwardPath(to) : throw new ArgumentException(r))],
        },
        Indexes = [.. Enumerable.Range(0, recipients.Length)],
        Route = new Route
        {
            Name = "mailbox",
            Kind = RouteKind.Mailbox,
            Recipients = ["*"],
            Mailbox = new MailboxRoute { Format = format, Path = Path.Combine(folder, "{domain}", "{local}") },
        },
        Content = new MemoryStream(Encoding.UTF8.GetBytes(content), writable: false),
    };
}
