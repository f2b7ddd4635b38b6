using System.Globalization;

namespace Relay.Fuzz.Checks;

/// <summary>Takes messages through the checks until all went well or one did not.</summary>
internal sealed class CheckCampaign(long messages, long seed)
{
    private readonly CheckTally tally = new();
    private long next;
    private int failed;

    /// <returns>True when nothing was wrong.</returns>
    public async Task<bool> RunAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Run(() => WorkAsync())));
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Math.Min(next, messages):N0} messages through the checks from seed {seed}, {messages / seconds:N0} a second: {tally}"));
        if (failed == 0 && messages >= 4000 && tally.Missing().ToArray() is { Length: > 0 } missing)
        {
            Console.WriteLine($"FAILED: no message came to {string.Join(", ", missing)}");
            failed = 1;
        }

        return failed == 0;
    }

    private async Task WorkAsync()
    {
        var keys = new CheckKeys();
        var (cases, run) = (new CheckCases(keys), new CheckRun(keys));
        for (var index = Interlocked.Increment(ref next) - 1; index < messages && Volatile.Read(ref failed) == 0; index = Interlocked.Increment(ref next) - 1)
        {
            var random = new Random(Campaign.Mixed(seed + index));
            CheckCase? one = null;
            string? complaint;
            try
            {
                one = await cases.MakeAsync(random);
                complaint = await run.ComplaintAsync(one, random, tally);
            }
            catch (Exception e)
            {
                complaint = $"thrown: {e}";
            }

            if (complaint is not null && Interlocked.Exchange(ref failed, 1) == 0)
            {
                Report(seed + index, one, complaint);
            }
        }
    }

    private static void Report(long seed, CheckCase? one, string complaint)
    {
        Console.WriteLine($"FAILED: --seed {seed} --messages 1: {complaint}");
        foreach (var line in one?.Text.Split('\n') ?? [])
        {
            Console.WriteLine($"  {Text.Shown(line)}");
        }
    }
}
