using System.Text;
using Relay.Routing;
using Relay.Support;

namespace Relay.EndToEnd;

/// <summary>SMTP in, spool, SMTP out, into a real server: what leaves is what came, behind one Received field.</summary>
public sealed class ByteForByteTests
{
    private static readonly string Suite = Path.GetFullPath(Path.Combine(SourceTree.Root, "..", "shared", "suites", "mime"));

    [Fact]
    public async Task The_messages_of_the_mime_suite_leave_as_they_came()
    {
        Assert.SkipUnless(Directory.Exists(Suite), $"needs the suite in {Suite}");
        await using var sink = await SmtpSink.StartAsync();
        await using var relay = await WholeRelay.StartAsync(o => o with { Routes = [WholeRelay.Smarthost(sink.Port)] });
        var sent = Directory.GetFiles(Suite, "*.txt").Order().Select(WithCrLf).ToArray();
        Assert.True(sent.Length >= 47);

        for (var i = 0; i < sent.Length; i++)
        {
            var id = await relay.AcceptAsync(sent[i], "app@example.com", $"n{i}@example.net");
            await relay.FinalAsync(id);
        }

        var came = sink.Messages().ToDictionary(m => m.RcptTo[0], m => m.Content);
        for (var i = 0; i < sent.Length; i++)
        {
            AssertOneReceivedFieldBefore(sent[i], came[$"<n{i}@example.net>"]);
        }
    }

    [Theory]
    [InlineData("empty", "")]
    [InlineData("only dots", ".\r\n..\r\n...\r\n.\r\n")]
    [InlineData("no header", "just a line\r\n")]
    [InlineData("8-bit", "Subject: gr\u00fc\u00dfe\r\n\r\n\u00e4\u00f6\u00fc\u00ff\u0080\r\n")]
    [InlineData("blanks", "\r\n\r\n  \r\n\t\r\n\r\n")]
    public async Task Odd_content_leaves_as_it_came(string name, string content)
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var relay = await WholeRelay.StartAsync(o => o with { Routes = [WholeRelay.Smarthost(sink.Port)] });

        await relay.FinalAsync(await relay.AcceptAsync(Encoding.Latin1.GetBytes(content), "app@example.com", "a@example.net"));

        Assert.NotEmpty(name);
        AssertOneReceivedFieldBefore(Encoding.Latin1.GetBytes(content), Assert.Single(sink.Messages()).Content);
    }

    [Fact]
    public async Task A_large_message_leaves_as_it_came()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var relay = await WholeRelay.StartAsync(o => o with { Routes = [WholeRelay.Smarthost(sink.Port)] });
        var random = new Random(7);
        var text = new StringBuilder("Subject: large\r\n\r\n");
        while (text.Length < 5_000_000)
        {
            text.Append(new string((char)random.Next(32, 127), random.Next(0, 900))).Append("\r\n").Append('.', random.Next(0, 3));
        }

        var content = Encoding.Latin1.GetBytes(text.Append("\r\n").ToString());
        await relay.FinalAsync(await relay.AcceptAsync(content, "app@example.com", "a@example.net"));

        AssertOneReceivedFieldBefore(content, Assert.Single(sink.Messages()).Content);
    }

    private static void AssertOneReceivedFieldBefore(byte[] sent, byte[] came)
    {
        var added = came.AsSpan(0, came.Length - sent.Length);
        Assert.True(came.AsSpan(added.Length).SequenceEqual(sent), "the content was changed");
        var field = Encoding.Latin1.GetString(added);
        Assert.StartsWith("Received: from client.test ([127.0.0.1])\r\n\tby relay.test (Relay) with ESMTP id ", field);
        Assert.EndsWith("\r\n", field);
        Assert.All(field[..^2].Split("\r\n").Skip(1), line => Assert.StartsWith("\t", line));
    }

    private static byte[] WithCrLf(string file)
    {
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(file)).Replace("\r\n", "\n").Replace("\r", "\n").Replace("\n", "\r\n");
        return Encoding.Latin1.GetBytes(text.EndsWith("\r\n", StringComparison.Ordinal) ? text : text + "\r\n");
    }
}
