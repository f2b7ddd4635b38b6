using System.Buffers;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Mail;
using Relay.Spool;
using Relay.Spool.Embedded;
using Relay.Status;

// Fills a data folder with deferred mail, as a relay would have left it: relay-fill DATA MESSAGES. It goes through the spool's own
// port, so that the rows are those of this version. None of it is due for hours.
if (args is not [var data, var count] || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var messages))
{
    Console.Error.WriteLine("usage: relay-fill DATA MESSAGES");
    return 2;
}

const int Batch = 1000;
const int Domains = 10_000;
var random = new Random(1);
var content = new byte[2048];
random.NextBytes(content);
var time = TimeProvider.System;
await using var spool = EmbeddedSpool.Open(data, time, NullLogger<EmbeddedSpool>.Instance);
for (var done = 0; done < messages; done += Batch)
{
    var size = Math.Min(Batch, messages - done);
    await Task.WhenAll(Enumerable.Range(done, size).Select(AcceptAsync));
    for (var deferred = 0; deferred < size;)
    {
        var leases = await spool.LeaseAsync(WorkQueue.Accepted, Batch, CancellationToken.None);
        await Task.WhenAll(leases.Select(lease => spool.CommitAsync(Defer(lease))));
        deferred += leases.Count;
    }

    if ((done + size) % 100_000 == 0)
    {
        Console.Error.WriteLine($"{done + size} deferred");
    }
}

return 0;

async Task AcceptAsync(int number)
{
    var now = time.GetUtcNow();
    var message = new AcceptedMessage
    {
        Id = MessageId.New(now),
        Envelope = new Envelope
        {
            ReversePath = new ReversePath(new Mailbox("app", "example.com")),
            Recipients = [new ForwardPath(new Mailbox($"user{number}", $"host{number % Domains}.example"))],
        },
        Origin = new Origin { Protocol = "ESMTP", ClientAddress = "127.0.0.1", Helo = "client.example" },
        AcceptedAt = now,
    };
    await using var writer = spool.CreateContent(message.Id);
    writer.Write(content);
    await spool.AcceptAsync(message, writer);
}

Transition Defer(Lease lease)
{
    var now = time.GetUtcNow();
    var due = now + TimeSpan.FromHours(6) + (random.NextDouble() * TimeSpan.FromHours(6));
    return new Transition
    {
        Follows = lease,
        At = now,
        Recipients =
        [
            new RecipientChange(0, new RecipientStatus
            {
                Address = lease.Work.Envelope.Recipients[0].ToString(),
                State = RecipientState.Deferred,
                Reason = Reasons.ConnectFailed,
                Attempts = 1,
                Route = "mx",
                RemoteHost = "mx.example[192.0.2.1]:25",
                Reply = "connection timed out",
                NextAttemptAt = due,
            }),
        ],
        Next = [new NextWork(WorkQueue.Delivery, new WorkDetail { Attempt = 1, Route = "mx" }, due)],
    };
}
