using System.Text;
using Relay.Mail;
using Relay.Status;
using Relay.Support;
using Relay.Transport;

namespace Relay.Tests.Transport;

/// <summary>Relaying is octet for octet.</summary>
public sealed class ContentTests
{
    public static TheoryData<string> Small =>
    [
        "", "\r\n", ".", ".\r\n", "..\r\n", "a", "a\r\n", "Subject: x\r\n\r\n.\r\n..\r\n...\r\n.a\r\n\r\n",
        "no final line end\r\n.", "Subject: x\r\n\r\ntrailing space \t\r\n \r\n", "a\0b\r\n",
    ];

    [Theory]
    [MemberData(nameof(Small))]
    public async Task Small_content_arrives_as_it_is_but_for_the_last_line_end(string content)
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("PIPELINING");
            await s.TakeMessageAsync();
            await s.QuitAsync();
        });
        await using var sending = new Sending();

        var outcome = await sending.ToAsync(server.Port, Encoding.ASCII.GetBytes(content), "a@example.com");

        outcome.Recipients[0].Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        var whole = content.Length == 0 || content.EndsWith("\r\n", StringComparison.Ordinal) ? content : content + "\r\n";
        Assert.Equal(whole, Encoding.ASCII.GetString(Assert.Single(server.Sessions[0].Contents)));
    }

    [Fact]
    public async Task A_megabyte_arrives_as_it_is_by_a_stream_that_gives_a_few_octets_at_a_time()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("PIPELINING", "8BITMIME");
            await s.TakeMessageAsync();
            await s.QuitAsync();
        });
        await using var sending = new Sending();
        var content = Contents.OneMegabyte();
        await using var stream = new SlowStream(content);

        var outcome = await sending.DeliverAsync(server.Port, stream, "a@example.com");

        outcome.Recipients[0].Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        Assert.True(content.AsSpan().SequenceEqual(Assert.Single(server.Sessions[0].Contents)));
    }

    [Fact]
    public async Task Content_that_cannot_be_read_ends_the_session_without_a_final_dot()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("8BITMIME");
            await s.ExpectAsync("MAIL", "250 ok");
            await s.ExpectAsync("RCPT", "250 ok");
            await s.ExpectAsync("DATA", "354 go");
            await s.HangAsync();
        });
        await using var sending = new Sending { Body = BodyType.EightBitMime };
        await using var stream = new SlowStream(Contents.OneMegabyte()) { BreaksAt = 500_000 };

        await Assert.ThrowsAsync<IOException>(() => sending.DeliverAsync(server.Port, stream, "a@example.com"));

        await server.Sessions[0].Ended;
        Assert.DoesNotContain(".", server.Sessions[0].Commands);
        Assert.DoesNotContain("QUIT", server.Sessions[0].Commands);
        Assert.Equal(0, sending.Transports.Pool.Count);
    }

    /// <summary>Gives 1 to 100 octets a read.</summary>
    private sealed class SlowStream(byte[] content) : MemoryStream(content, writable: false)
    {
        private readonly Random random = new(3);

        public int BreaksAt { get; init; } = int.MaxValue;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position >= BreaksAt
                ? throw new IOException("the disk is gone")
                : base.ReadAsync(buffer[..Math.Min(buffer.Length, random.Next(1, 101))], cancellationToken);
    }
}
