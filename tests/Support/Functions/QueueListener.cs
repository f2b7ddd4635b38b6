using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace Relay.Support.Functions;

/// <summary>Polls one queue as the host does: in batches, with leases that it renews, and a poison queue for what fails too often.</summary>
internal sealed class QueueListener(PublishedApp app, PublishedFunction function, QueueServiceClient service, FunctionsHost host, TimeSpan? leaseTime)
{
    private static readonly TimeSpan MinPoll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan HostLease = TimeSpan.FromMinutes(10);
    private readonly QueueSettings settings = app.Queues;
    private readonly QueueClient queue = service.GetQueueClient(function.Queue);

    public async Task RunAsync(CancellationToken cancel)
    {
        List<Task> running = [];
        var poll = MinPoll;
        try
        {
            while (true)
            {
                running.RemoveAll(task => task.IsCompleted);
                var messages = running.Count <= settings.NewBatchThreshold ? await ReceiveAsync(cancel) : [];
                running.AddRange(messages.Select(message => Task.Run(() => ProcessAsync(message, cancel))));
                poll = messages.Length > 0 ? MinPoll : poll * 2 < settings.MaxPollingInterval ? poll * 2 : settings.MaxPollingInterval;
                await Task.Delay(poll, TimeProvider.System, cancel);
            }
        }
        catch (OperationCanceledException)
        {
            // The host ends.
        }

        await Task.WhenAll(running);
    }

    private async Task<QueueMessage[]> ReceiveAsync(CancellationToken cancel)
    {
        try
        {
            return (await queue.ReceiveMessagesAsync(settings.BatchSize, leaseTime ?? HostLease, cancel)).Value;
        }
        catch (RequestFailedException)
        {
            // There is no such queue yet, or storage is gone.
            return [];
        }
    }

    private async Task ProcessAsync(QueueMessage message, CancellationToken cancel)
    {
        try
        {
            if (message.DequeueCount > settings.MaxDequeueCount || BodyOf(message) is not { } body)
            {
                await ToPoisonAsync(message);
                return;
            }

            if (await host.InvokeAsync(function, body))
            {
                await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, CancellationToken.None);
            }
            else if (cancel.IsCancellationRequested)
            {
                // Nobody gives it back when the host is gone: its lease runs out.
            }
            else if (message.DequeueCount >= settings.MaxDequeueCount)
            {
                await ToPoisonAsync(message);
            }
            else
            {
                await queue.UpdateMessageAsync(
                    message.MessageId, message.PopReceipt, (BinaryData?)null, settings.VisibilityTimeout, CancellationToken.None);
            }
        }
        catch (RequestFailedException)
        {
            // Its lease ran out and it was taken again; it is no longer ours.
        }
    }

    /// <summary>A queue of poison has no further one: what fails there comes again.</summary>
    private async Task ToPoisonAsync(QueueMessage message)
    {
        if (function.Queue!.EndsWith("-poison", StringComparison.Ordinal))
        {
            return;
        }

        var poison = service.GetQueueClient($"{function.Queue}-poison");
        await poison.CreateIfNotExistsAsync();
        await poison.SendMessageAsync(message.Body);
        await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt);
    }

    /// <summary>Null for what cannot be decoded: that goes straight to the poison queue.</summary>
    private string? BodyOf(QueueMessage message)
    {
        var text = message.Body.ToString();
        if (settings.MessageEncoding == "base64")
        {
            if (!Base64.IsValid(text))
            {
                return null;
            }

            text = Encoding.UTF8.GetString(Convert.FromBase64String(text));
        }

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("Data");
            json.WriteString(function.Binding, function.DataType == "binary" ? Convert.ToBase64String(Encoding.UTF8.GetBytes(text)) : JsonSerializer.Serialize(text));
            json.WriteEndObject();
            json.WriteStartObject("Metadata");
            foreach (var (name, value) in Metadata(message, text))
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>Strings in strings; with text, the message's own properties come over them.</summary>
    private Dictionary<string, string> Metadata(QueueMessage message, string text)
    {
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["DequeueCount"] = JsonSerializer.Serialize($"{message.DequeueCount}"),
            ["Id"] = JsonSerializer.Serialize(message.MessageId),
            ["PopReceipt"] = JsonSerializer.Serialize(message.PopReceipt),
            ["InsertionTime"] = JsonSerializer.Serialize($"{message.InsertedOn:O}"),
        };
        if (function.DataType != "binary" && text.StartsWith('{'))
        {
            using var document = JsonDocument.Parse(text);
            foreach (var property in document.RootElement.EnumerateObject().Where(p => p.Value.ValueKind != JsonValueKind.Array))
            {
                metadata[property.Name] = property.Value.GetRawText();
            }
        }

        return metadata;
    }
}
