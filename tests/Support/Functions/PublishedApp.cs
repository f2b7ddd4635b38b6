using System.Globalization;
using System.Text.Json;

namespace Relay.Support.Functions;

/// <summary>A function app as it was published: <c>host.json</c>, a folder with a <c>function.json</c> for each function, and the executable.</summary>
public sealed record PublishedApp
{
    public required string Folder { get; init; }

    /// <summary>What is started: <c>customHandler.description.defaultExecutablePath</c>.</summary>
    public required string Executable { get; init; }

    public required bool ForwardsHttp { get; init; }

    public required string RoutePrefix { get; init; }

    public required TimeSpan FunctionTimeout { get; init; }

    public required QueueSettings Queues { get; init; }

    public required IReadOnlyList<PublishedFunction> Functions { get; init; }

    public static PublishedApp Read(string folder)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "host.json")));
        var host = document.RootElement;
        var handler = host.GetProperty("customHandler");
        var queues = host.GetProperty("extensions").GetProperty("queues");
        return new PublishedApp
        {
            Folder = folder,
            Executable = Path.Combine(folder, handler.GetProperty("description").GetProperty("defaultExecutablePath").GetString()!),
            ForwardsHttp = handler.TryGetProperty("enableForwardingHttpRequest", out var forwards) && forwards.GetBoolean(),
            RoutePrefix = host.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString()!,
            FunctionTimeout = Time(host.GetProperty("functionTimeout")),
            Queues = new QueueSettings(
                queues.GetProperty("batchSize").GetInt32(),
                queues.GetProperty("newBatchThreshold").GetInt32(),
                queues.GetProperty("maxDequeueCount").GetInt32(),
                Time(queues.GetProperty("maxPollingInterval")),
                Time(queues.GetProperty("visibilityTimeout")),
                queues.GetProperty("messageEncoding").GetString()!),
            Functions = [.. Directory.GetDirectories(folder).Order(StringComparer.Ordinal)
                .Select(f => Path.Combine(f, "function.json")).Where(File.Exists).Select(PublishedFunction.Read)],
        };
    }

    private static TimeSpan Time(JsonElement value) => TimeSpan.Parse(value.GetString()!, CultureInfo.InvariantCulture);
}

/// <summary><c>extensions.queues</c> of <c>host.json</c>.</summary>
public sealed record QueueSettings(
    int BatchSize, int NewBatchThreshold, int MaxDequeueCount, TimeSpan MaxPollingInterval, TimeSpan VisibilityTimeout, string MessageEncoding);

/// <summary>One function, by its trigger.</summary>
public sealed record PublishedFunction
{
    public required string Name { get; init; }

    /// <summary><c>queueTrigger</c>, <c>timerTrigger</c> or <c>httpTrigger</c>.</summary>
    public required string Trigger { get; init; }

    /// <summary>The name of the trigger's binding.</summary>
    public required string Binding { get; init; }

    public string? Queue { get; init; }

    public string? Connection { get; init; }

    public string? DataType { get; init; }

    public string? Schedule { get; init; }

    public string? Route { get; init; }

    public string? AuthLevel { get; init; }

    public IReadOnlyList<string> Methods { get; init; } = [];

    public static PublishedFunction Read(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        var trigger = document.RootElement.GetProperty("bindings").EnumerateArray().Single(b => Text(b, "type")!.EndsWith("Trigger", StringComparison.Ordinal));
        return new PublishedFunction
        {
            Name = Path.GetFileName(Path.GetDirectoryName(file))!,
            Trigger = Text(trigger, "type")!,
            Binding = Text(trigger, "name")!,
            Queue = Text(trigger, "queueName"),
            Connection = Text(trigger, "connection"),
            DataType = Text(trigger, "dataType"),
            Schedule = Text(trigger, "schedule"),
            Route = Text(trigger, "route"),
            AuthLevel = Text(trigger, "authLevel"),
            Methods = trigger.TryGetProperty("methods", out var methods) ? [.. methods.EnumerateArray().Select(m => m.GetString()!)] : [],
        };
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;
}
