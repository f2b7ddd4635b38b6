using System.Buffers;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Relay.Mail;
using Relay.Spool;
using Relay.Status;

namespace Relay.Tests.Spool;

/// <summary>A spool of some engine, with what tests of it have in common.</summary>
public abstract class SpoolTests : IAsyncLifetime
{
    protected static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private int ids;

    protected FakeTimeProvider Time { get; } = new(Start);

    protected ISpool Spool { get; set; } = null!;

    protected abstract ISpool Open();

    public virtual ValueTask InitializeAsync()
    {
        Spool = Open();
        return default;
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Spool.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected static ForwardPath Path(string address) =>
        Mailbox.TryParse(address, out var mailbox) ? new ForwardPath(mailbox) : throw new ArgumentException(address);

    /// <summary>Ids of the same moment are in the order in which they are made, so that tests need no time to pass between messages.</summary>
    private MessageId NewId()
    {
        var octets = MessageId.New(Time.GetUtcNow()).ToBytes();
        var number = Interlocked.Increment(ref ids);
        (octets[6], octets[7]) = ((byte)(0x70 | (number >> 8)), (byte)number);
        return MessageId.FromBytes(octets);
    }

    protected AcceptedMessage Message(params string[] recipients) => new()
    {
        Id = NewId(),
        Envelope = new Envelope
        {
            ReversePath = new ReversePath(new Mailbox("app", "example.com")),
            Recipients = [.. (recipients.Length == 0 ? ["a@example.net"] : recipients).Select(Path)],
        },
        Origin = new Origin { Protocol = "ESMTP", ClientAddress = "127.0.0.1", Helo = "client" },
        AcceptedAt = Time.GetUtcNow(),
    };

    protected async Task<MessageId> AcceptAsync(string text, AcceptedMessage? message = null)
    {
        message ??= Message();
        await using var content = Spool.CreateContent(message.Id);
        content.Write(Encoding.UTF8.GetBytes(text));
        await content.FlushAsync(default);
        await Spool.AcceptAsync(message, content);
        return message.Id;
    }

    /// <summary>A content with these octets, flushed as a session does it.</summary>
    protected async Task<IContentWriter> WriteAsync(MessageId id, byte[] octets)
    {
        var content = Spool.CreateContent(id);
        foreach (var chunk in octets.Chunk(20_000))
        {
            content.Write(chunk);
            await content.FlushAsync(default);
        }

        return content;
    }

    /// <summary>Octets that are the same at every run, and no two neighbours of which are alike for long.</summary>
    protected static byte[] Octets(int size)
    {
        var octets = new byte[size];
        new Random(size).NextBytes(octets);
        return octets;
    }

    /// <summary>What a head makes of octets, the first of which it stands in place of.</summary>
    protected static byte[] Join(ReadOnlySpan<byte> head, byte[] octets, int length = 0) => [.. head, .. octets.AsSpan(length)];

    protected static async Task<byte[]> ReadAsync(Stream stream)
    {
        var all = new MemoryStream();
        await stream.CopyToAsync(all);
        return all.ToArray();
    }

    protected async Task<byte[]> OctetsAsync(MessageId id)
    {
        await using var stream = (await Spool.OpenContentAsync(id, default))!;
        return await ReadAsync(stream);
    }

    protected async Task<string> ContentAsync(MessageId id)
    {
        using var reader = new StreamReader((await Spool.OpenContentAsync(id, default))!);
        return await reader.ReadToEndAsync();
    }

    protected static Transition Final(Lease lease) => new()
    {
        Follows = lease,
        At = Start,
        Recipients = [.. lease.Work.Recipients.Select(r => new RecipientChange(r.Index, State(RecipientState.Delivered, Reasons.Delivered)))],
    };

    protected static Transition Deferred(Lease lease, DateTimeOffset due) => new()
    {
        Follows = lease,
        At = Start,
        Recipients = [new RecipientChange(0, State(RecipientState.Deferred, Reasons.ConnectFailed, due))],
        Next = [new NextWork(WorkQueue.Delivery, new WorkDetail { Attempt = lease.Work.Detail.Attempt + 1 }, due)],
    };

    protected static RecipientStatus State(RecipientState state, string reason, DateTimeOffset? next = null) => new()
    {
        Address = "not looked at",
        State = state,
        Reason = reason,
        Attempts = 1,
        Route = "mx",
        RemoteHost = "mx.example.net[192.0.2.1]:25",
        Reply = "250 2.0.0 Ok",
        NextAttemptAt = next,
    };

    protected async Task AssertNoLeaseAsync(WorkQueue queue)
    {
        using var cancel = new CancellationTokenSource();
        var lease = Spool.LeaseAsync(queue, 10, cancel.Token).AsTask();
        await Spool.WhyNotWritableAsync(default);
        Assert.False(lease.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lease);
    }
}
