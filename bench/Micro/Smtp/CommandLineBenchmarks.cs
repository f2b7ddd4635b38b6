using BenchmarkDotNet.Attributes;
using Relay.SmtpIngress.Grammar;
using Line = Relay.SmtpIngress.Grammar.CommandLine;

namespace Relay.Bench.Smtp;

/// <summary>Taking a command line apart: five times for every message.</summary>
[MemoryDiagnoser]
public class CommandLineBenchmarks
{
    /// <summary>A command without an argument.</summary>
    [Benchmark(Baseline = true)]
    public int Data() => (int)Line.Parse("DATA"u8).Verb;

    /// <summary>MAIL as a client with all extensions says it.</summary>
    [Benchmark]
    public int Mail() => Line.Parse("MAIL FROM:<firstname.lastname@mail.example.com> SIZE=4096 BODY=8BITMIME"u8).Argument.Length;

    /// <summary>A path with its address.</summary>
    [Benchmark]
    public bool Path()
    {
        var text = "<firstname.lastname@mail.example.com> SIZE=4096"u8;
        return PathParser.TryReversePath(ref text, out _, out _);
    }
}
