using BenchmarkDotNet.Attributes;
using Relay.Mail;

namespace Relay.Bench.Mail;

/// <summary>Reading an address: done twice for every message at the least.</summary>
[MemoryDiagnoser]
public class MailboxBenchmarks
{
    /// <summary>The common form.</summary>
    [Benchmark(Baseline = true)]
    public bool DotString() => Mailbox.TryParse("firstname.lastname@mail.example.com"u8, out _);

    /// <summary>A quoted local part with an escape.</summary>
    [Benchmark]
    public bool QuotedString() => Mailbox.TryParse("\"first \\\" last\"@mail.example.com"u8, out _);

    /// <summary>Letters beyond ASCII on both sides.</summary>
    [Benchmark]
    public bool Utf8() => Mailbox.TryParse("jürgen@bücher.example"u8, out _);

    /// <summary>An address in brackets in the domain's place.</summary>
    [Benchmark]
    public bool AddressLiteral() => Mailbox.TryParse("user@[IPv6:2001:db8::25]"u8, out _);

    /// <summary>Refused at the last octet: what a hostile client can cost.</summary>
    [Benchmark]
    public bool RefusedAtTheEnd() => Mailbox.TryParse("firstname.lastname@mail.example.com-"u8, out _);
}
