using System.Diagnostics;

namespace Relay.EndToEnd.Clients;

/// <summary>Runs somebody else's program to its end.</summary>
internal static class Client
{
    /// <summary>Its exit code, and all that it printed.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string program, IEnumerable<string> arguments, string input = "", params (string Name, string Value)[] environment)
    {
        using var process = Start(program, arguments, environment);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all; its exit code says why.
        }

        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }

    /// <summary>Runs it and asserts that it was content.</summary>
    public static async Task<string> SucceedAsync(
        string program, IEnumerable<string> arguments, string input = "", params (string Name, string Value)[] environment)
    {
        var (exitCode, output) = await RunAsync(program, arguments, input, environment);
        Assert.True(exitCode == 0, $"{Path.GetFileName(program)} ended with exit code {exitCode}:\n{output}");
        return output;
    }

    /// <summary>Starts it, with octets as they are on all three streams.</summary>
    public static Process Start(string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = System.Text.Encoding.Latin1,
            StandardOutputEncoding = System.Text.Encoding.Latin1,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
