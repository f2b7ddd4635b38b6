using System.Buffers;
using BenchmarkDotNet.Attributes;
using Relay.Replies;

namespace Relay.Bench.Replies;

/// <summary>Writing a reply: done four times for every message at the least.</summary>
[MemoryDiagnoser]
public class SmtpReplyBenchmarks
{
    private static readonly SmtpReply Accepted = new(ReplyCode.Ok, 0, 0, "accepted as 0199c0ffee0070008000000000000001");

    private static readonly SmtpReply Ehlo =
        new(ReplyCode.Ok, null, "relay.test\nPIPELINING\nSIZE 52428800\n8BITMIME\nENHANCEDSTATUSCODES");

    private readonly ArrayBufferWriter<byte> _output = new(1024);

    /// <summary>The reply to the content.</summary>
    [Benchmark(Baseline = true)]
    public int OneLine() => Write(Accepted);

    /// <summary>The reply to EHLO.</summary>
    [Benchmark]
    public int FiveLines() => Write(Ehlo);

    private int Write(SmtpReply reply)
    {
        _output.ResetWrittenCount();
        reply.WriteTo(_output);
        return _output.WrittenCount;
    }
}
