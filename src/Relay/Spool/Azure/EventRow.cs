using System.Text.Json;
using Azure.Data.Tables;
using Relay.Mail;
using Relay.Status;

namespace Relay.Spool.Azure;

/// <summary>The lines that one commit, or something else, wrote to the timeline; there may be none. It tells also that a work has ended, and by whom.</summary>
internal sealed record EventRow
{
    /// <summary>The name of what stands there from the acceptance on.</summary>
    public const string Accepted = "accepted";

    /// <summary>The message.</summary>
    public required MessageId Id { get; init; }

    /// <summary>The work that ended, or another name that no other event of the message has.</summary>
    public required string Name { get; init; }

    /// <summary>When it was decided.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>How many works went before: the order of what happened at the same time.</summary>
    public int Depth { get; init; }

    /// <summary>The run that wrote it, so that a commit whose answer was lost knows its own.</summary>
    public string? Run { get; init; }

    /// <summary>The lines, in order.</summary>
    public IReadOnlyList<StatusEvent> Lines { get; init; } = [];

    /// <summary>The row to write.</summary>
    public TableEntity ToEntity()
    {
        var entity = new TableEntity(RowKeys.PartitionOf(Id), RowKeys.Event(Id, Name))
        {
            [nameof(At)] = At,
            [nameof(Depth)] = Depth,
        };
        if (Run is not null)
        {
            entity[nameof(Run)] = Run;
        }

        if (Lines.Count > 0)
        {
            entity.Put(nameof(Lines), ToJson());
        }

        return entity;
    }

    /// <summary>Very many lines go without the words of remote hosts, which the recipients' own rows have.</summary>
    private byte[] ToJson()
    {
        var json = JsonSerializer.SerializeToUtf8Bytes([.. Lines], AzureJson.Default.ListStatusEvent);
        return json.Length <= EntityBytes.MaxOctets
            ? json
            : JsonSerializer.SerializeToUtf8Bytes([.. Lines.Select(line => line with { Detail = null })], AzureJson.Default.ListStatusEvent);
    }

    /// <summary>Reads a row; lines that cannot be read are left out.</summary>
    public static EventRow Read(TableEntity entity) => new()
    {
        Id = RowKeys.IdOf(entity.RowKey)!.Value,
        Name = RowKeys.NameOf(entity.RowKey),
        At = entity.GetDateTimeOffset(nameof(At)) ?? default,
        Depth = entity.GetInt32(nameof(Depth)) ?? 0,
        Run = entity.GetString(nameof(Run)),
        Lines = ReadLines(entity.Take(nameof(Lines))),
    };

    private static List<StatusEvent> ReadLines(byte[]? json)
    {
        try
        {
            return json is null ? [] : JsonSerializer.Deserialize(json, AzureJson.Default.ListStatusEvent) ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
