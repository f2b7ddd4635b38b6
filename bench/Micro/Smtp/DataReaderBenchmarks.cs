using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using Relay.SmtpIngress;

namespace Relay.Bench.Smtp;

/// <summary>Reading 4 KiB of content to its final dot.</summary>
[MemoryDiagnoser]
public class DataReaderBenchmarks
{
    private readonly ArrayBufferWriter<byte> output = new(16 * 1024);
    private byte[] plain = [];
    private byte[] dotted = [];
    private byte[] oneLine = [];

    [GlobalSetup]
    public void MakeContent()
    {
        plain = Content(new string('x', 70) + "\r\n");
        dotted = Content("..\r\n");
        oneLine = Content(new string('x', 4096) + "\r\n");
    }

    /// <summary>Lines of 70 octets.</summary>
    [Benchmark(Baseline = true)]
    public bool Lines() => Read(plain);

    /// <summary>Nothing but stuffed dots: the worst that a client can send.</summary>
    [Benchmark]
    public bool StuffedDots() => Read(dotted);

    /// <summary>One line of 4 KiB.</summary>
    [Benchmark]
    public bool OneLine() => Read(oneLine);

    private bool Read(byte[] content)
    {
        output.ResetWrittenCount();
        var reader = new DataReader(LineEnds.Normalise, long.MaxValue);
        reader.Read(content, output);
        return reader.Status == DataStatus.End;
    }

    private static byte[] Content(string line) =>
        Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(line, 4096 / line.Length + 1)) + ".\r\n");
}
