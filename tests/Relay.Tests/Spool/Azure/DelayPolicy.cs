using System.Text;
using System.Web;
using System.Xml.Linq;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Queues;

namespace Relay.Tests.Spool.Azure;

/// <summary>
/// Queue messages that are to be seen later follow the clock of the test and not that of the emulator: they are held back here, and put when
/// somebody asks for messages at their time.
/// </summary>
internal sealed class DelayPolicy(TimeProvider time, string connectionString) : HttpPipelinePolicy
{
    private readonly Lock gate = new();
    private readonly List<(string Queue, string Text, DateTimeOffset At)> late = [];

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNext(message, pipeline);

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var url = message.Request.Uri.ToUri();
        if (url.Segments is not [.., var queue, "messages"])
        {
            await ProcessNextAsync(message, pipeline);
            return;
        }

        queue = queue.TrimEnd('/');
        var delay = int.TryParse(HttpUtility.ParseQueryString(url.Query)["visibilitytimeout"], out var seconds) ? seconds : 0;
        if (message.Request.Method == RequestMethod.Post && delay > 0)
        {
            lock (gate)
            {
                late.Add((queue, TextOf(message.Request), time.GetUtcNow().AddSeconds(delay)));
            }

            message.Response = new MadeResponse(201, "<?xml version=\"1.0\" encoding=\"utf-8\"?><QueueMessagesList><QueueMessage><MessageId>late</MessageId>" +
                "<InsertionTime>Mon, 23 Nov 2026 12:00:00 GMT</InsertionTime><ExpirationTime>Fri, 31 Dec 9999 23:59:59 GMT</ExpirationTime>" +
                "<PopReceipt>late</PopReceipt><TimeNextVisible>Mon, 23 Nov 2026 12:00:00 GMT</TimeNextVisible></QueueMessage></QueueMessagesList>");
            return;
        }

        if (message.Request.Method == RequestMethod.Get)
        {
            await PutDueAsync(queue);
        }

        await ProcessNextAsync(message, pipeline);
    }

    private async Task PutDueAsync(string queue)
    {
        List<(string Queue, string Text, DateTimeOffset At)> due;
        lock (gate)
        {
            due = late.FindAll(one => one.Queue == queue && one.At <= time.GetUtcNow());
            late.RemoveAll(due.Contains);
        }

        foreach (var (_, text, _) in due)
        {
            await new QueueClient(connectionString, queue).SendMessageAsync(text, timeToLive: TimeSpan.FromSeconds(-1));
        }
    }

    private static string TextOf(Request request)
    {
        using var body = new MemoryStream();
        request.Content!.WriteTo(body, default);
        return XDocument.Parse(Encoding.UTF8.GetString(body.ToArray()).TrimStart('\uFEFF')).Root!.Element("MessageText")!.Value;
    }
}
