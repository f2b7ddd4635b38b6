using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Relay.Mail;

namespace Relay.Spool.Azure;

/// <summary>What is known of a message beside its recipients, works and events.</summary>
internal sealed record MessageRow
{
    private static readonly Origin Unreadable = new() { Protocol = "unreadable" };

    /// <summary>The message.</summary>
    public required MessageId Id { get; init; }

    /// <summary>When Relay took responsibility.</summary>
    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>Its envelope without the recipients, which have rows of their own.</summary>
    public required Envelope Envelope { get; init; }

    /// <summary>How many recipients it has.</summary>
    public required int Recipients { get; init; }

    /// <summary>Who handed it in.</summary>
    public required Origin Origin { get; init; }

    /// <summary>Where its content is, or was.</summary>
    public required ContentHome Content { get; init; }

    /// <summary>The content stays after the last work.</summary>
    public bool Keep { get; init; }

    /// <summary>Which version of the row this is.</summary>
    public ETag ETag { get; init; }

    /// <summary>The row to write.</summary>
    public TableEntity ToEntity()
    {
        var entity = new TableEntity(RowKeys.PartitionOf(Id), RowKeys.Message(Id))
        {
            [nameof(AcceptedAt)] = AcceptedAt,
            ["Sender"] = Envelope.ReversePath.ToString(),
            ["SenderKey"] = KeyOf(Envelope.ReversePath.ToString()),
            [nameof(Recipients)] = Recipients,
            [nameof(Envelope)] = JsonSerializer.Serialize(Envelope with { Recipients = [] }, SpoolJson.Default.Envelope),
            [nameof(Origin)] = JsonSerializer.Serialize(Origin, SpoolJson.Default.Origin),
            ["Blob"] = Content.Blob,
            [nameof(Keep)] = Keep,
        };
        PutContent(entity, Content);
        return entity;
    }

    /// <summary>The change of a row that keeps the content after the last work, or gives it another head, or both.</summary>
    public static TableEntity Change(MessageId id, bool keep, ContentHome? content)
    {
        var entity = new TableEntity(RowKeys.PartitionOf(id), RowKeys.Message(id));
        if (keep)
        {
            entity[nameof(Keep)] = true;
        }

        if (content is not null)
        {
            PutContent(entity, content);
        }

        return entity;
    }

    /// <summary>Reads a row.</summary>
    /// <exception cref="SpoolException">It makes no sense.</exception>
    public static MessageRow Read(TableEntity entity)
    {
        try
        {
            return new MessageRow
            {
                Id = RowKeys.IdOf(entity.RowKey)!.Value,
                AcceptedAt = entity.GetDateTimeOffset(nameof(AcceptedAt))!.Value,
                Envelope = JsonSerializer.Deserialize(entity.GetString(nameof(Envelope)), SpoolJson.Default.Envelope)!,
                Recipients = entity.GetInt32(nameof(Recipients))!.Value,
                Origin = ReadOrigin(entity.GetString(nameof(Origin))),
                Content = new ContentHome(entity.GetString("Blob"), entity.GetInt64("Size")!.Value)
                {
                    Skip = entity.GetInt32("Skip") ?? 0,
                    Head = entity.Take("Head")?[..entity.GetInt32("HeadLength")!.Value],
                },
                Keep = entity.GetBoolean(nameof(Keep)) ?? false,
                ETag = entity.ETag,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException or NullReferenceException)
        {
            throw new SpoolException(SpoolFault.Corrupt, $"the row of a message cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The form in which addresses are compared.</summary>
    public static string KeyOf(string address) => address.ToLowerInvariant();

    /// <summary>A shorter head leaves parts of a longer one in the row: its length says where it ends.</summary>
    private static void PutContent(TableEntity entity, ContentHome content)
    {
        entity["Size"] = content.Size;
        entity["Skip"] = content.Skip;
        if (content.Head is { } head)
        {
            entity.Put("Head", head);
            entity["HeadLength"] = head.Length;
        }
    }

    /// <summary>Who handed a message in is not worth holding up its mail.</summary>
    private static Origin ReadOrigin(string? json)
    {
        try
        {
            return json is null ? Unreadable : JsonSerializer.Deserialize(json, SpoolJson.Default.Origin) ?? Unreadable;
        }
        catch (JsonException)
        {
            return Unreadable;
        }
    }
}
