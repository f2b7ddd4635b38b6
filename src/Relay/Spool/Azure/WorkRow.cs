using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Relay.Mail;
using Relay.Spool.Embedded;

namespace Relay.Spool.Azure;

/// <summary>Whether a work that is left to do is done.</summary>
internal enum WorkRowState
{
    /// <summary>When it is due.</summary>
    Waiting = 0,

    /// <summary>An operator holds it.</summary>
    Held = 1,

    /// <summary>It cannot be done; an operator decides.</summary>
    SetAside = 2,
}

/// <summary>One work that is left to do. Its row is deleted by the commit that ends it, and by that alone.</summary>
internal sealed record WorkRow
{
    /// <summary>The message.</summary>
    public required MessageId Id { get; init; }

    /// <summary>Its name among the works of the message.</summary>
    public required string Name { get; init; }

    /// <summary>Which step.</summary>
    public required WorkQueue Queue { get; init; }

    /// <summary>Not before.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>What it is about, as JSON: what cannot be read holds up no other row.</summary>
    public required byte[] DetailJson { get; init; }

    /// <summary>How many works it follows from: the order of what happened at the same time.</summary>
    public int Depth { get; init; }

    /// <summary>That of all its recipients; null where there are several.</summary>
    public string? Domain { get; init; }

    /// <summary>Together with the domain.</summary>
    public string? Route { get; init; }

    /// <summary>Whether it is done.</summary>
    public WorkRowState State { get; init; }

    /// <summary>The content stays for it. A report that comes when all has ended does not bring back what is gone, nor does what follows from it.</summary>
    public bool NeedsContent { get; init; } = true;

    /// <summary>
    /// The work that it follows from, where it was written before that ended: it counts once that has ended by <see cref="Run"/>.
    /// </summary>
    public string? Parent { get; init; }

    /// <summary>Together with the parent.</summary>
    public string? Run { get; init; }

    /// <summary>Somebody is at it until then, and it may not be begun by anybody else.</summary>
    public DateTimeOffset? ClaimedUntil { get; init; }

    /// <summary>How often it was put into its queue again because nobody had done it.</summary>
    public int PutAgain { get; init; }

    /// <summary>When it was put there for the last time.</summary>
    public DateTimeOffset? PutAt { get; init; }

    /// <summary>Which version of the row this is.</summary>
    public ETag ETag { get; init; }

    /// <summary>What it is about.</summary>
    /// <exception cref="SpoolException">It makes no sense.</exception>
    public WorkDetail Detail
    {
        get
        {
            try
            {
                return JsonSerializer.Deserialize(DetailJson, SpoolJson.Default.WorkDetail) ?? throw new JsonException("there is none");
            }
            catch (JsonException e)
            {
                throw new SpoolException(SpoolFault.Corrupt, $"the detail of a work cannot be read: {e.Message}", e);
            }
        }
    }

    /// <summary>A work of a message.</summary>
    public static WorkRow New(
        MessageId id, string name, WorkQueue queue, DateTimeOffset dueAt, WorkDetail detail, Envelope envelope, int depth, DateTimeOffset now)
    {
        var domain = WorkDomain.Of(queue, envelope, detail);
        return new WorkRow
        {
            Id = id,
            Name = name,
            Queue = queue,
            DueAt = dueAt,
            DetailJson = JsonSerializer.SerializeToUtf8Bytes(detail, SpoolJson.Default.WorkDetail),
            Depth = depth,
            PutAt = now,
            Domain = domain,
            Route = domain is null ? null : detail.Route,
        };
    }

    /// <summary>The row to write.</summary>
    public TableEntity ToEntity()
    {
        var entity = new TableEntity(RowKeys.PartitionOf(Id), RowKeys.Work(Id, Name))
        {
            [nameof(Queue)] = (int)Queue,
            [nameof(DueAt)] = DueAt,
            [nameof(Depth)] = Depth,
            [nameof(State)] = (int)State,
            [nameof(PutAgain)] = PutAgain,
            [nameof(NeedsContent)] = NeedsContent,
        };
        entity.Put("Detail", DetailJson);
        Set(nameof(Domain), Domain);
        Set(nameof(Route), Route);
        Set(nameof(ClaimedUntil), ClaimedUntil);
        Set(nameof(PutAt), PutAt);
        Set(nameof(Parent), Parent);
        Set(nameof(Run), Run);
        return entity;

        void Set(string name, object? value)
        {
            if (value is not null)
            {
                entity[name] = value;
            }
        }
    }

    /// <summary>Reads a row.</summary>
    /// <exception cref="SpoolException">It makes no sense.</exception>
    public static WorkRow Read(TableEntity entity)
    {
        try
        {
            return new WorkRow
            {
                Id = RowKeys.IdOf(entity.RowKey)!.Value,
                Name = RowKeys.NameOf(entity.RowKey),
                Queue = (WorkQueue)entity.GetInt32(nameof(Queue))!.Value,
                DueAt = entity.GetDateTimeOffset(nameof(DueAt))!.Value,
                DetailJson = entity.Take("Detail") ?? [],
                Depth = entity.GetInt32(nameof(Depth)) ?? 0,
                Domain = entity.GetString(nameof(Domain)),
                Route = entity.GetString(nameof(Route)),
                State = (WorkRowState)(entity.GetInt32(nameof(State)) ?? 0),
                ClaimedUntil = entity.GetDateTimeOffset(nameof(ClaimedUntil)),
                PutAgain = entity.GetInt32(nameof(PutAgain)) ?? 0,
                PutAt = entity.GetDateTimeOffset(nameof(PutAt)),
                NeedsContent = entity.GetBoolean(nameof(NeedsContent)) ?? true,
                Parent = entity.GetString(nameof(Parent)),
                Run = entity.GetString(nameof(Run)),
                ETag = entity.ETag,
            };
        }
        catch (Exception e) when (e is InvalidOperationException or NullReferenceException)
        {
            throw new SpoolException(SpoolFault.Corrupt, $"the row of a work cannot be read: {e.Message}", e);
        }
    }
}
