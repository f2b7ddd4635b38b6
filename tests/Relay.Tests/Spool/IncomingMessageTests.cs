using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Relay.Checks;
using Relay.Mail;
using Relay.Options;
using Relay.Spool;
using Relay.Status;
using Relay.Support;

namespace Relay.Tests.Spool;

/// <summary>What a session can do with a message between its last octet and its acceptance.</summary>
public sealed class IncomingMessageTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly StatusEvent Found = new() { At = Now, Kind = StatusEvents.Checked, Reason = "some-reason", Detail = "words" };
    private readonly MemorySpool spool = new();

    [Fact]
    public async Task It_can_be_looked_at_behind_our_own_received_field()
    {
        await using var message = Begin("Subject: x\r\n\r\n");

        await using var content = await message.OpenReadAsync(default);
        var header = await MessageHeader.ReadAsync(content, default);

        Assert.Equal(["Received", "Subject"], header.Fields.Select(field => field.Name));
    }

    [Fact]
    public async Task What_checks_make_of_it_is_accepted_with_it()
    {
        await using var message = Begin("Subject: x\r\n\r\n");
        var modes = CheckModes.Off.With(CheckName.Spf, CheckAction.Tag);
        var quarantine = new QuarantineReason("some-reason", "words");

        var result = await message.CompleteAsync(new IntakeVerdict
        {
            Head = new ContentHead(0, "X-Found: y\r\n"u8.ToArray()),
            Checks = modes,
            Quarantine = quarantine,
            Events = [Found],
        });

        var stored = Assert.Single(spool.Messages);
        Assert.Equal(result.Accepted, stored.Message.Id);
        Assert.Equal((modes, quarantine), (stored.Message.Checks, stored.Message.Quarantine));
        Assert.Equal([Found], stored.Message.Events);
        Assert.StartsWith("X-Found: y\r\nReceived: from client", Encoding.ASCII.GetString(stored.Octets));
        Assert.EndsWith("Subject: x\r\n\r\n", Encoding.ASCII.GetString(stored.Octets));
    }

    [Fact]
    public async Task A_forged_field_is_taken_out_with_all_before_it_put_back()
    {
        await using var message = Begin("X-Forged: y\r\nSubject: x\r\n\r\nbody");
        MessageHeader header;
        await using (var content = await message.OpenReadAsync(default))
        {
            header = await MessageHeader.ReadAsync(content, default);
        }

        var forged = header.Fields[1];
        await message.CompleteAsync(new IntakeVerdict
        {
            Head = new ContentHead(forged.Offset + forged.Octets.Length, header.Fields[0].Octets),
        });

        Assert.Equal("Subject: x\r\n\r\nbody", Encoding.ASCII.GetString(Assert.Single(spool.Messages).ContentAsSent("relay.test")));
    }

    [Fact]
    public async Task Without_checks_it_is_accepted_as_it_came()
    {
        await using var message = Begin("Subject: x\r\n\r\n");

        await message.CompleteAsync();

        var stored = Assert.Single(spool.Messages);
        Assert.Equal("Subject: x\r\n\r\n", Encoding.ASCII.GetString(stored.ContentAsSent("relay.test")));
        Assert.Equal((null, null, 0), (stored.Message.Checks, stored.Message.Quarantine, stored.Message.Events.Count));
    }

    [Fact]
    public async Task It_cannot_be_looked_at_after_the_spool_has_failed_and_the_client_is_told_to_come_again()
    {
        spool.FailFlushes(1);
        await using var message = Begin("Subject: x\r\n\r\n");
        await message.FlushAsync(default);
        Write(message, "more");

        var e = await Assert.ThrowsAsync<SpoolException>(async () => await message.OpenReadAsync(default));
        var result = await message.CompleteAsync(new IntakeVerdict { Head = new ContentHead(100_000, default) });

        Assert.Equal(SpoolFault.Full, e.Fault);
        Assert.Equal((null, "451 4.3.1 Not enough room now, try again later"), (result.Accepted, result.Reply.ToString()));
        Assert.Empty(spool.Messages);
    }

    [Fact]
    public async Task A_spool_that_fails_when_it_is_looked_at_has_failed_for_the_whole_message()
    {
        spool.FailReads(1);
        await using var message = Begin("Subject: x\r\n\r\n");

        await Assert.ThrowsAsync<SpoolException>(async () => await message.OpenReadAsync(default));
        Write(message, "thrown away");
        await Assert.ThrowsAsync<SpoolException>(async () => await message.OpenReadAsync(default));
        var result = await message.CompleteAsync();

        Assert.Equal((null, "451 4.3.0 Cannot take mail now, try again later"), (result.Accepted, result.Reply.ToString()));
        Assert.Empty(spool.Messages);
    }

    public ValueTask DisposeAsync() => spool.DisposeAsync();

    private IncomingMessage Begin(string text)
    {
        var options = new RelayOptions { HostName = "relay.test", Data = "", Routes = [] };
        var intake = new Intake(spool, options, new FakeTimeProvider(Now), NullLogger<Intake>.Instance);
        var message = intake.Begin(
            new Envelope { ReversePath = ReversePath.Null, Recipients = [new ForwardPath(new Mailbox("a", "example.net"))] },
            new Origin { Protocol = "ESMTP", Helo = "client" });
        Write(message, text);
        return message;
    }

    private static void Write(IncomingMessage message, string text) => message.Write(Encoding.ASCII.GetBytes(text));
}
