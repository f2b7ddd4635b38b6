using System.Text;

namespace Relay.Cli.Tests;

/// <summary>Runs command lines in a folder of their own, with everything that they write at hand.</summary>
internal sealed class CommandLine : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("relay-cli-").FullName;

    public Dictionary<string, string> Environment { get; } = new()
    {
        ["Relay__Smtp__Listeners__0__Address"] = "127.0.0.1:0",
        ["Relay__Http__Listener"] = "127.0.0.1:0",
    };

    public Func<Stream> Input { get; set; } = () => Stream.Null;

    public Task<Outcome> RunAsync(params string[] args) => RunAsync(new ObservedWriter(), CancellationToken.None, args);

    public async Task<Outcome> RunAsync(ObservedWriter output, CancellationToken stop, params string[] args)
    {
        var error = new StringWriter();
        var octets = new MemoryStream();
        var exitCode = await RelayCommand.RunAsync(
            args,
            new Surroundings
            {
                Out = output,
                Error = error,
                OpenInput = Input,
                OpenOutput = () => octets,
                Environment = Environment,
                WorkingFolder = Folder,
                Time = TimeProvider.System,
                Random = new Random(1),
            },
            stop);
        return new Outcome(exitCode, output.ToString(), error.ToString(), octets.ToArray());
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    internal sealed record Outcome(int ExitCode, string Out, string Error, byte[] Octets);
}

/// <summary>Keeps what is written, and tells who waits for it.</summary>
internal sealed class ObservedWriter : TextWriter
{
    private readonly StringBuilder text = new();
    private readonly List<(string Wanted, TaskCompletionSource Seen)> waiting = [];

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => Write(value.ToString());

    public override void Write(string? value)
    {
        lock (text)
        {
            text.Append(value);
            var now = text.ToString();
            foreach (var (wanted, seen) in waiting)
            {
                if (now.Contains(wanted))
                {
                    seen.TrySetResult();
                }
            }
        }
    }

    public override void WriteLine(string? value) => Write(value + "\n");

    /// <summary>Ends when the text has been written.</summary>
    public Task SeenAsync(string wanted)
    {
        lock (text)
        {
            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (text.ToString().Contains(wanted))
            {
                seen.SetResult();
            }
            else
            {
                waiting.Add((wanted, seen));
            }

            return seen.Task;
        }
    }

    public override string ToString()
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
