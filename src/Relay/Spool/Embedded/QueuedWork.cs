using System.Text.Json;
using Relay.Mail;

namespace Relay.Spool.Embedded;

/// <summary>A row of work with what is needed to change it.</summary>
internal sealed record QueuedWork
{
    public required WorkPlace Place { get; init; }

    /// <summary>The number of the message.</summary>
    public required long Message { get; init; }

    /// <summary>As the row has it: held and set-aside work has other numbers than its queue.</summary>
    public required int Number { get; init; }

    public required WorkDetail Detail { get; init; }

    public required Envelope Envelope { get; init; }

    public bool IsHeld => Number >= Schema.Held;

    public bool IsSetAside => Number < 0;

    public WorkQueue Queue => QueueOf(Number);

    /// <summary>The queue that a number of a row stands for.</summary>
    public static WorkQueue QueueOf(int number) =>
        (WorkQueue)(number < 0 ? -1 - number : number >= Schema.Held ? number - Schema.Held : number);

    /// <summary>True for work that takes a message towards its recipients: reports of it are nothing that one holds or takes back.</summary>
    public static bool IsMail(int number) => QueueOf(number) is WorkQueue.Accepted or WorkQueue.Delivery;

    /// <summary>True for mail, and for anything that is set aside: an operator has to know of it.</summary>
    public static bool IsShown(int number) => number < 0 || IsMail(number);

    /// <summary>Whom it is for, all of them or those of a domain.</summary>
    public List<int> Recipients(string? domain) =>
        [.. WorkDomain.Indexes(Envelope, Detail).Where(n => domain is null || WorkDomain.Of(Envelope.Recipients[n]) == domain)];

    /// <summary>The same work for some of its recipients.</summary>
    public WorkDetail DetailFor(IReadOnlyList<int> recipients) => Detail with { Recipients = recipients };

    /// <summary>Null where it makes no sense: such work is left as it is.</summary>
    public static QueuedWork? Read(WorkPlace place, long message, int number, ReadOnlySpan<byte> detail, ReadOnlySpan<byte> envelope)
    {
        try
        {
            return new QueuedWork
            {
                Place = place,
                Message = message,
                Number = number,
                Detail = JsonSerializer.Deserialize(detail, SpoolJson.Default.WorkDetail)!,
                Envelope = JsonSerializer.Deserialize(envelope, SpoolJson.Default.Envelope)!,
            } is { Detail: not null, Envelope: not null } work && work.IsSound ? work : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private bool IsSound =>
        Envelope.Recipients is { Count: > 0 } all && !all.Contains(null!) &&
        (Detail.Recipients is not { } some || some.All(n => n >= 0 && n < all.Count));
}
