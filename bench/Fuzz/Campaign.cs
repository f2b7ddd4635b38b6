using System.Globalization;
using System.Text;

namespace Relay.Fuzz;

/// <summary>Runs sessions until all went well or one did not.</summary>
internal sealed class Campaign(long sessions, long seed)
{
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromSeconds(30);

    private readonly long[] running = new long[Environment.ProcessorCount];
    private long next;
    private long done;
    private long stored;
    private long refused;
    private long octets;
    private int failed;

    /// <returns>True when nothing was wrong.</returns>
    public async Task<bool> RunAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        await using (TimeProvider.System.CreateTimer(Watch(), null, WatchPeriod, WatchPeriod))
        {
            await Task.WhenAll(Enumerable.Range(0, running.Length).Select(worker => Task.Run(() => WorkAsync(worker))));
        }

        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{done:N0} sessions from seed {seed}, {octets / Math.Max(done, 1):N0} octets each: {stored:N0} messages stored, " +
            $"{refused:N0} sessions ended for a bare line end; {done / seconds:N0} sessions/s"));
        if (failed == 0 && sessions >= 1000 && (stored < done / 10 || refused < done / 20))
        {
            Console.WriteLine("FAILED: these sessions do not reach what they are to try");
            failed = 1;
        }

        return failed == 0;
    }

    private async Task WorkAsync(int worker)
    {
        for (var index = Interlocked.Increment(ref next) - 1; index < sessions && Volatile.Read(ref failed) == 0;
            index = Interlocked.Increment(ref next) - 1)
        {
            Volatile.Write(ref running[worker], seed + index);
            var client = new SessionGenerator(new Random(Mixed(seed + index))).Next();
            var transcript = await SessionRun.RunAsync(client);
            if (Judge.Complaint(client, transcript) is { } complaint && Interlocked.Exchange(ref failed, 1) == 0)
            {
                await ReportAsync(seed + index, client, complaint);
            }

            Count(client, transcript);
        }

        Volatile.Write(ref running[worker], -1);
    }

    private void Count(ClientSession client, Transcript transcript)
    {
        Interlocked.Increment(ref done);
        Interlocked.Add(ref stored, transcript.Stored.Count);
        Interlocked.Add(ref octets, client.Input.Length);
        if (transcript.Output.AsSpan().IndexOf("Lines must end in CRLF"u8) >= 0)
        {
            Interlocked.Increment(ref refused);
        }
    }

    private static async Task ReportAsync(long seed, ClientSession client, string complaint)
    {
        Console.WriteLine($"FAILED: --seed {seed} --sessions 1: {complaint}");
        if (complaint.StartsWith("hang", StringComparison.Ordinal))
        {
            Dump(client, []);
            return;
        }

        var shortest = await Shrinker.ShrinkAsync(client, complaint);
        var transcript = await SessionRun.RunAsync(shortest);
        Console.WriteLine($"The shortest session that fails so: {Judge.Complaint(shortest, transcript)}");
        Dump(shortest, transcript.Output);
    }

    /// <summary>Line by line: where one ends stands an LF, and only there.</summary>
    private static void Dump(ClientSession client, byte[] output)
    {
        Console.WriteLine($"  trusted={client.IsTrusted} chunks={client.Chunking} spool={client.Trouble}");
        foreach (var (name, octets) in new[] { ("C", client.Input), ("S", output) })
        {
            foreach (var line in Encoding.Latin1.GetString(octets).Split('\n'))
            {
                Console.WriteLine($"  {name}: {Text.Shown(line)}");
            }
        }
    }

    /// <summary>A session that never gives its thread back is found from outside, and only ending the process ends it.</summary>
    private TimerCallback Watch()
    {
        var before = new long[running.Length];
        Array.Fill(before, -1);
        return _ =>
        {
            for (var worker = 0; worker < running.Length; worker++)
            {
                var now = Volatile.Read(ref running[worker]);
                if (now >= 0 && now == before[worker] && Volatile.Read(ref failed) == 0)
                {
                    Console.WriteLine($"FAILED: --seed {now} --sessions 1: hang: the session never ends");
                    Environment.Exit(1);
                }

                before[worker] = now;
            }
        };
    }

    /// <summary>Neighbouring seeds must not make sessions alike.</summary>
    internal static int Mixed(long seed)
    {
        var mixed = (ulong)seed * 0x9e3779b97f4a7c15;
        mixed = (mixed ^ (mixed >> 32)) * 0xd6e8feb86659fd93;
        return (int)(mixed ^ (mixed >> 32));
    }
}
