using System.Text;
using Relay.Mail;
using Relay.Spool;

namespace Relay.Tests.Spool;

public sealed class HopCounterTests
{
    [Theory]
    [InlineData("", 0, 0)]
    [InlineData("Subject: x\r\n\r\n", 0, 0)]
    [InlineData("Received: from a by b; now\r\n\r\n", 1, 0)]
    [InlineData("RECEIVED: a\r\nreceived: b\r\nSubject: x\r\nReceived: c\r\n\r\n", 3, 0)]
    [InlineData("Received: a\r\n\tby relay.example (Relay)\r\n\r\n", 1, 1)]
    [InlineData("Received: by relay.example with local\r\n\r\n", 1, 1)]
    [InlineData("Received:\r\n from a by b\r\n\r\n", 1, 0)]
    [InlineData("Received:\r\n by relay.example x\r\n by relay.example y\r\n\r\n", 1, 1)]
    [InlineData("Received: by relay.example.org x\r\nReceived: by my.relay.example x\r\n\r\n", 2, 0)]
    [InlineData("X-Received: a\r\nReceived-SPF: pass\r\nReceived\r\n\r\n", 0, 0)]
    [InlineData("Subject: x\r\n Received: a by relay.example x\r\n\r\n", 0, 0)]
    [InlineData("Subject: x\r\n\r\nReceived: in the body\r\n\r\nReceived: again\r\n", 0, 0)]
    [InlineData("\r\nReceived: in the body\r\n", 0, 0)]
    [InlineData("Received: a\nReceived: b\n\nReceived: in the body\n", 2, 0)]
    public void Fields_are_counted_in_the_header_only_and_in_pieces_of_any_size(string content, int hops, int ownHops)
    {
        var octets = Encoding.ASCII.GetBytes(content);
        for (var size = 1; size <= octets.Length + 1; size++)
        {
            var counter = new HopCounter(HopCounter.By("relay.example"));
            foreach (var piece in octets.Chunk(size))
            {
                counter.Observe(piece);
            }

            Assert.Equal((hops, ownHops), (counter.Hops, counter.OwnHops));
            Assert.Equal(content.Contains("\r\n\r\n") || content.Contains("\n\n") || content.StartsWith("\r\n", StringComparison.Ordinal), counter.HeaderEnded);
        }
    }

    [Fact]
    public void A_line_without_end_costs_no_more_than_a_line()
    {
        var counter = new HopCounter(HopCounter.By("relay.example"));
        var octets = Encoding.ASCII.GetBytes("Received: " + new string('x', 1_000_000));
        counter.Observe(octets);
        counter.Observe("\r\n\r\n"u8);

        Assert.Equal((1, true), (counter.Hops, counter.HeaderEnded));
    }

    [Fact]
    public void What_this_relay_writes_it_knows_again()
    {
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var counter = new HopCounter(HopCounter.By("relay.example"));
        foreach (var origin in new[] { Origin.Local, new Origin { Protocol = "ESMTP", Helo = new string('x', 255), ClientAddress = "192.0.2.1" } })
        {
            counter.Observe(TraceHeaders.Received(
                MessageId.New(at), origin,
                new Envelope { ReversePath = ReversePath.Null, Recipients = [new(new("a", "example.com"))] }, "relay.example", at));
        }

        Assert.Equal((2, 2), (counter.Hops, counter.OwnHops));
    }
}
