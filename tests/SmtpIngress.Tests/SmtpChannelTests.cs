using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Relay.SmtpIngress.Tests;

public sealed class SmtpChannelTests
{
    [Fact]
    public async Task Replies_to_a_client_that_never_stops_sending_do_not_pile_up()
    {
        const int commands = 5000;
        var (toServer, toClient) = (new Pipe(), new Pipe(new PipeOptions(pauseWriterThreshold: 0)));
        toServer.Writer.GetSpan(commands)[..commands].Clear();
        toServer.Writer.Advance(commands);
        await toServer.Writer.FlushAsync(TestContext.Current.CancellationToken);
        var connection = new DefaultConnectionContext
        {
            Transport = new DuplexPipe(toServer.Reader, toClient.Writer),
        };
        await using var channel = new SmtpChannel(connection, TimeProvider.System, TimeSpan.FromMinutes(5));

        long most = 0;
        for (var i = 0; i < commands; i++)
        {
            var read = await channel.ReadAsync(long.MaxValue);
            var next = read.Buffer.GetPosition(1);
            channel.AdvanceTo(next, next);
            channel.Write(SessionReplies.NoopOk);
            most = Math.Max(most, toClient.Writer.UnflushedBytes);
        }

        Assert.InRange(most, 4096, 17 * 1024);
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
