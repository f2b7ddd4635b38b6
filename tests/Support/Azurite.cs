using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Relay.Support;

/// <summary>
/// The storage emulator as a process of its own, on free ports, keeping everything in memory. One serves all tests of a process; each test takes names
/// of its own by <see cref="NewPrefix"/>.
/// </summary>
public sealed class Azurite : IAsyncDisposable
{
    /// <summary>The account and the key that every emulator has, and nothing else: no secret.</summary>
    private const string Account = "devstoreaccount1";

    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly Lazy<Task<Azurite>> Started = new(StartAsync);
    private static int prefixes;
    private readonly Process process;

    private Azurite(Process process, int blob, int queue, int table)
    {
        this.process = process;
        ConnectionString = $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};" +
            $"BlobEndpoint=http://127.0.0.1:{blob}/{Account};QueueEndpoint=http://127.0.0.1:{queue}/{Account};TableEndpoint=http://127.0.0.1:{table}/{Account};";
    }

    /// <summary>For a client of any of the three services.</summary>
    public string ConnectionString { get; }

    /// <summary>The one of this process; skips the test where Node.js or the package is not there.</summary>
    public static Task<Azurite> SharedAsync() => Started.Value;

    /// <summary>A beginning for the names of containers, queues and tables that no other test has: lower-case letters and digits.</summary>
    public static string NewPrefix() => $"t{Environment.ProcessId}x{Interlocked.Increment(ref prefixes)}x";

    /// <summary>Starts one that the caller ends: for tests that stop it.</summary>
    /// <param name="folder">Where it keeps what it holds, so that another one finds it; null for memory.</param>
    public static async Task<Azurite> StartAsync(string? folder)
    {
        var script = Path.Combine(SourceTree.Root, "tests", "azurite", "node_modules", "azurite", "dist", "src", "azurite.js");
        var node = Needs.Program("node", "Node.js");
        Needs.File(script, "`npm ci --prefix tests/azurite`");
        for (var tries = 0; ; tries++)
        {
            var (blob, queue, table) = (FreePort(), FreePort(), FreePort());
            var start = new ProcessStartInfo(node) { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var argument in (string[])
                [
                    script, "--silent", "--skipApiVersionCheck", "--disableTelemetry",
                    "--blobHost", "127.0.0.1", "--blobPort", $"{blob}", "--queueHost", "127.0.0.1", "--queuePort", $"{queue}",
                    "--tableHost", "127.0.0.1", "--tablePort", $"{table}",
                    .. folder is null ? (string[])["--inMemoryPersistence"] : ["--location", folder],
                ])
            {
                start.ArgumentList.Add(argument);
            }

            var azurite = new Azurite(Process.Start(start)!, blob, queue, table);
            if (await azurite.IsUpAsync(blob, queue, table))
            {
                return azurite;
            }

            // Somebody took one of the ports in between.
            await azurite.DisposeAsync();
            Assert.True(tries < 3, $"azurite does not start: {script}");
        }
    }

    /// <summary>Ends it at once, as a power cut would.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static async Task<Azurite> StartAsync()
    {
        var azurite = await StartAsync(folder: null);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => azurite.process.Kill();
        return azurite;
    }

    private async Task<bool> IsUpAsync(params int[] ports)
    {
        _ = process.StandardOutput.ReadToEndAsync();
        _ = process.StandardError.ReadToEndAsync();
        foreach (var port in ports)
        {
            while (!process.HasExited)
            {
                try
                {
                    using var socket = new TcpClient();
                    await socket.ConnectAsync(IPAddress.Loopback, port);
                    break;
                }
                catch (SocketException)
                {
                    await Task.Yield();
                }
            }
        }

        return !process.HasExited;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
