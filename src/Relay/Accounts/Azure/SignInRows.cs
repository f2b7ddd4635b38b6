using System.Collections.Concurrent;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging;
using Relay.Spool;
using Relay.Spool.Azure;
using Relay.Telemetry;

namespace Relay.Accounts.Azure;

/// <summary>
/// Attempts to sign in, a partition for each day: they are written together every few seconds, and nobody waits for that. What a
/// flood brings beyond what can wait, or beyond what one instance may keep of a day, is dropped and told of.
/// </summary>
internal sealed partial class SignInRows : IAsyncDisposable
{
    private const string Partitions = "signins-";
    private const int MaxWaiting = 4096;

    /// <summary>Attempts of one day that an instance keeps. They are what somebody asks about today or this week, not an archive.</summary>
    private const int MaxKept = 100_000;

    /// <summary>Characters of each text: most of it is what a stranger sent.</summary>
    private const int MaxText = 500;

    private const int MaxSwept = 10_000;
    private const int MaxDays = 30;

    private static readonly Dictionary<string, SignInResult> ResultsByWord = Enum.GetValues<SignInResult>().ToDictionary(SignInWords.Word);

    private readonly ConcurrentQueue<SignIn> waiting = new();
    private readonly string instance = $"{Guid.NewGuid():n}"[..8];
    private readonly StoreTable table;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly WriteNowAndThen writer;
    private long written;
    private (DateOnly Day, int Count) kept;
    private int dropped;

    public SignInRows(StoreTable table, TimeProvider time, ILogger log)
    {
        this.table = table;
        this.time = time;
        this.log = log;
        writer = new WriteNowAndThen(WriteAsync, time);
    }

    /// <summary>Never waits and never fails.</summary>
    public void Record(SignIn signIn)
    {
        if (waiting.Count < MaxWaiting)
        {
            waiting.Enqueue(signIn);
        }
        else
        {
            Drop();
        }
    }

    /// <summary>The attempts of a session, oldest first. Its day is not known: all of them are asked.</summary>
    public async Task<List<SignIn>> ReadAsync(string session, CancellationToken cancel)
    {
        await writer.FlushAsync(cancel);
        var key = $"{StoreTable.Key(session)}|";
        var today = Today;
        // Tomorrow too: clocks differ.
        var days = await Task.WhenAll(Enumerable.Range(-1, MaxDays + 2).Select(ago => table.RangeAsync(Partition(today.AddDays(-ago)), key, $"{key}~", cancel)));
        return [.. days.SelectMany(rows => rows).OrderBy(row => row.PartitionKey, StringComparer.Ordinal).ThenBy(row => row.RowKey, StringComparer.Ordinal)
            .Select(row => Read(session, row))];
    }

    /// <summary>Removes the oldest, so many at a time.</summary>
    public async Task SweepAsync(CancellationToken cancel)
    {
        var old = await table.PartitionsAsync(Partitions, Partition(Today.AddDays(-MaxDays)), MaxSwept, cancel);
        await table.ChangeAllAsync(old.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row)), cancel);
    }

    public ValueTask DisposeAsync() => writer.DisposeAsync();

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    private static string Partition(DateOnly day) => $"{Partitions}{day:yyyy-MM-dd}";

    private async Task WriteAsync()
    {
        List<TableTransactionAction> rows = [];
        var today = Today;
        kept = kept.Day == today ? kept : (today, 0);
        while (rows.Count < MaxWaiting && waiting.TryDequeue(out var signIn))
        {
            if (kept.Count++ < MaxKept)
            {
                rows.Add(StoreTable.Put(Row(signIn)));
            }
            else
            {
                Drop();
            }
        }

        try
        {
            await table.ChangeAllAsync(rows, CancellationToken.None);
        }
        catch (SpoolException e)
        {
            RelayTelemetry.SignInsDropped.Add(rows.Count);
            LogNotWritten(e, rows.Count, e.Message);
        }

        if (Interlocked.Exchange(ref dropped, 0) is > 0 and var count)
        {
            LogDropped(count);
        }
    }

    /// <summary>Behind its time goes what no other row has, so that the order is that in which they came.</summary>
    private TableEntity Row(SignIn signIn) => new(
        Partition(DateOnly.FromDateTime(signIn.At.UtcDateTime)),
        $"{StoreTable.Key(signIn.Session)}|{signIn.At.UtcTicks:d19}|{instance}{written++:d12}")
    {
        ["At"] = signIn.At,
        ["Mechanism"] = Short(signIn.Mechanism),
        ["Account"] = Short(signIn.Account),
        ["ClientAddress"] = Short(signIn.ClientAddress),
        ["Result"] = signIn.Result.Word(),
        ["Detail"] = Short(signIn.Detail),
    };

    private static SignIn Read(string session, TableEntity row)
    {
        var word = row.GetString("Result") ?? "";
        var isKnown = ResultsByWord.TryGetValue(word, out var result);
        return new SignIn
        {
            Session = session,
            At = row.GetDateTimeOffset("At") ?? default,
            Mechanism = row.GetString("Mechanism") ?? "",
            Account = row.GetString("Account"),
            ClientAddress = row.GetString("ClientAddress"),
            Result = isKnown ? result : SignInResult.Unavailable,
            Detail = isKnown ? row.GetString("Detail") : $"the verdict {word}, which this version of Relay does not know",
        };
    }

    private void Drop()
    {
        Interlocked.Increment(ref dropped);
        RelayTelemetry.SignInsDropped.Add(1);
    }

    private static string? Short(string? text) => text is { Length: > MaxText } ? text[..MaxText] : text;

    [LoggerMessage(EventIds.SignInsDropped, LogLevel.Warning, "{Count} attempts to sign in came faster than they can be noted, and are not kept")]
    private partial void LogDropped(long count);

    [LoggerMessage(EventIds.SignInsNotWritten, LogLevel.Error, "{Count} attempts to sign in cannot be written and are not kept: {Cause}")]
    private partial void LogNotWritten(Exception exception, int count, string cause);
}
