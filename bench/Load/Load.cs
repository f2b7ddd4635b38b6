using System.Net.Sockets;
using System.Security.Authentication;

namespace Relay.Load;

/// <summary>All sessions of one load.</summary>
internal sealed class Load
{
    /// <summary>A load with this many errors ends: the server is not what was meant.</summary>
    private const int MaxErrors = 20;

    private readonly LoadOptions options;
    private readonly Commands commands;
    private readonly CancellationToken cancel;
    private int left;
    private int accepted;
    private int errors;
    private string? firstError;

    private Load(LoadOptions options, CancellationToken cancel)
    {
        this.options = options;
        this.cancel = cancel;
        commands = new Commands(options);
        left = options.Messages;
    }

    /// <summary>Sends all messages; gives what became of them.</summary>
    public static async Task<LoadReport> RunAsync(LoadOptions options, TimeProvider time)
    {
        using var patience = new CancellationTokenSource(options.Timeout, time);
        var load = new Load(options, patience.Token);
        var begin = time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, options.Sessions).Select(_ => Task.Run(load.SessionAsync)));
        return new LoadReport(load.accepted, time.GetElapsedTime(begin), load.errors, load.firstError);
    }

    private async Task SessionAsync()
    {
        while (!cancel.IsCancellationRequested && Volatile.Read(ref errors) < MaxErrors && Interlocked.Decrement(ref left) >= 0)
        {
            try
            {
                await ConnectionAsync();
            }
            catch (Exception e) when (e is IOException or SocketException or AuthenticationException or OperationCanceledException)
            {
                Interlocked.Increment(ref errors);
                Interlocked.CompareExchange(ref firstError, e.Message, null);
            }
        }
    }

    /// <summary>One connection with the message that was drawn for it and, where connections are kept, all further ones.</summary>
    private async Task ConnectionAsync()
    {
        using var connection = await Connection.OpenAsync(options, commands, cancel);
        do
        {
            await connection.SendAsync();
            Interlocked.Increment(ref accepted);
        }
        while (options.Keep && Interlocked.Decrement(ref left) >= 0);
        await connection.QuitAsync();
    }
}
