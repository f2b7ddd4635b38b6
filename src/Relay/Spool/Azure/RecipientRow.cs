using System.Globalization;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Relay.Mail;
using Relay.Status;

namespace Relay.Spool.Azure;

/// <summary>One recipient of a message: whom the envelope names, and where it stands.</summary>
internal sealed record RecipientRow
{
    /// <summary>Characters of a reply that are kept: a property holds 64 KiB, and the row of a work that is committed in pieces many of them.</summary>
    private const int MaxReply = 4096;

    /// <summary>The message.</summary>
    public required MessageId Id { get; init; }

    /// <summary>Its place in the envelope.</summary>
    public required int Index { get; init; }

    /// <summary>Whom the envelope names.</summary>
    public required ForwardPath Path { get; init; }

    /// <summary>Where it stands.</summary>
    public required RecipientStatus Status { get; init; }

    /// <summary>Which version of the row this is.</summary>
    public ETag ETag { get; init; }

    /// <summary>A final state is never left again, but for one: what was delivered may be reported to have bounced.</summary>
    public bool MayBecome(RecipientState next, bool isReport) =>
        Status.State < RecipientState.Delivered || (Status.State == RecipientState.Delivered && isReport && next == RecipientState.Bounced);

    /// <summary>A recipient that is queued, as it is accepted.</summary>
    public static RecipientRow New(MessageId id, int index, ForwardPath path, DateTimeOffset at) => new()
    {
        Id = id,
        Index = index,
        Path = path,
        Status = new RecipientStatus { Address = path.ToString(), State = RecipientState.Queued, UpdatedAt = at },
    };

    /// <summary>The row to write.</summary>
    public TableEntity ToEntity()
    {
        var entity = new TableEntity(RowKeys.PartitionOf(Id), RowKeys.Recipient(Id, Index))
        {
            [nameof(Path)] = JsonSerializer.Serialize(Path, AzureJson.Default.ForwardPath),
            ["Address"] = Path.ToString(),
            ["AddressKey"] = MessageRow.KeyOf(Path.ToString()),
            ["State"] = (int)Status.State,
            ["Attempts"] = Status.Attempts,
            ["UpdatedAt"] = Status.UpdatedAt,
        };
        Set("NextAt", Status.NextAttemptAt);
        Set("Reason", Status.Reason);
        Set("Route", Status.Route);
        Set("RemoteHost", Status.RemoteHost);
        Set("Reply", Status.Reply is { Length: > MaxReply } reply ? reply[..MaxReply] : Status.Reply);
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
    public static RecipientRow Read(TableEntity entity)
    {
        try
        {
            return new RecipientRow
            {
                Id = RowKeys.IdOf(entity.RowKey)!.Value,
                Index = int.Parse(RowKeys.NameOf(entity.RowKey), CultureInfo.InvariantCulture),
                Path = JsonSerializer.Deserialize(entity.GetString(nameof(Path)), AzureJson.Default.ForwardPath)!,
                Status = new RecipientStatus
                {
                    Address = entity.GetString("Address"),
                    State = (RecipientState)entity.GetInt32("State")!.Value,
                    Attempts = entity.GetInt32("Attempts") ?? 0,
                    UpdatedAt = entity.GetDateTimeOffset("UpdatedAt")!.Value,
                    NextAttemptAt = entity.GetDateTimeOffset("NextAt"),
                    Reason = entity.GetString("Reason"),
                    Route = entity.GetString("Route"),
                    RemoteHost = entity.GetString("RemoteHost"),
                    Reply = entity.GetString("Reply"),
                },
                ETag = entity.ETag,
            };
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or ArgumentNullException or NullReferenceException)
        {
            throw new SpoolException(SpoolFault.Corrupt, $"the row of a recipient cannot be read: {e.Message}", e);
        }
    }
}
