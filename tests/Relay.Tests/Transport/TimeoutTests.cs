using System.Net;
using System.Net.Sockets;
using Relay.Status;
using Relay.Support;
using Relay.Transport;

namespace Relay.Tests.Transport;

/// <summary>The waits of RFC 5321 §4.5.3.2, by a clock that the test moves.</summary>
public sealed class TimeoutTests
{
    public static TheoryData<string, int> Stages => new()
    {
        { "EHLO", 300 }, { "MAIL", 300 }, { "RCPT", 300 }, { "DATA", 120 }, { ".", 600 },
    };

    [Theory]
    [MemberData(nameof(Stages))]
    public async Task A_server_that_falls_silent_is_given_up_when_its_time_is_over(string stage, int seconds)
    {
        var time = new TimerWatch();
        var reached = new TaskCompletionSource();
        await using var server = ScriptedSmtpServer.Start(s => PlayAsync(s, stage, reached, null));
        await using var sending = new Sending(time);

        var sent = sending.HelloAsync(server.Port);
        await reached.Task;
        time.Advance(TimeSpan.FromSeconds(seconds));

        (await sent).Is(OutcomeKind.Deferred, Reasons.RemoteTimeout, 451, "4.4.2");
        Assert.Equal(0, sending.Transports.Pool.Count);
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public async Task A_server_that_answers_just_in_time_is_served(string stage, int seconds)
    {
        var time = new TimerWatch();
        var reached = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        await using var server = ScriptedSmtpServer.Start(s => PlayAsync(s, stage, reached, answer.Task));
        await using var sending = new Sending(time);

        var sent = sending.HelloAsync(server.Port);
        await reached.Task;
        time.Advance(TimeSpan.FromSeconds(seconds - 1));
        answer.SetResult();

        (await sent).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Fact]
    public async Task A_server_that_does_not_greet_leaves_the_mail_to_the_next()
    {
        var time = new TimerWatch();
        await using var silent = ScriptedSmtpServer.Start(s => s.HangAsync());
        await using var next = ScriptedSmtpServer.Start(FailoverTests.TakeOneAsync);
        await using var sending = new Sending(time);
        var waits = time.NextTimer(TimeSpan.FromMinutes(5));

        var sent = sending.HelloAsync(silent.Port, next.Port);
        await waits;
        time.Advance(TimeSpan.FromMinutes(5));

        (await sent).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Fact]
    public async Task A_reply_in_single_octets_does_not_stretch_the_time()
    {
        var time = new TimerWatch();
        var reached = new TaskCompletionSource();
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync();
            await s.ExpectAsync("MAIL");
            await s.SayRawAsync("250-still\r\n2");
            reached.SetResult();
            await s.HangAsync();
        });
        await using var sending = new Sending(time);

        var sent = sending.HelloAsync(server.Port);
        await reached.Task;
        time.Advance(TimeSpan.FromMinutes(5));

        (await sent).Is(OutcomeKind.Deferred, Reasons.RemoteTimeout, 451);
    }

    [Fact]
    public async Task With_PIPELINING_the_reply_to_DATA_still_has_its_own_time()
    {
        var time = new TimerWatch();
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("PIPELINING");
            await s.ExpectAsync("MAIL", "250 ok");
            await s.ExpectAsync("RCPT", "250 ok");
            await s.ExpectAsync("DATA");
            await s.HangAsync();
        });
        await using var sending = new Sending(time);
        var waits = time.NextTimer(TimeSpan.FromMinutes(2));

        var sent = sending.HelloAsync(server.Port);
        await waits;
        time.Advance(TimeSpan.FromMinutes(2));

        (await sent).Is(OutcomeKind.Deferred, Reasons.RemoteTimeout, 451);
    }

    [Fact]
    public async Task A_host_that_does_not_take_connections_is_given_up_after_half_a_minute()
    {
        var time = new TimerWatch();
        var full = new TcpListener(IPAddress.Loopback, 0);
        full.Start(0);
        // One connection that nobody accepts fills the queue; the next one gets no answer.
        using var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await first.ConnectAsync(full.LocalEndpoint);
        await using var sending = new Sending(time);
        var waits = time.NextTimer(TimeSpan.FromSeconds(30));

        var sent = sending.HelloAsync(((IPEndPoint)full.LocalEndpoint).Port);
        await waits;
        time.Advance(TimeSpan.FromSeconds(30));

        (await sent).Is(OutcomeKind.Deferred, Reasons.ConnectFailed, 451, "4.4.1");
        full.Stop();
    }

    [Fact]
    public async Task A_server_that_does_not_read_the_content_is_given_up()
    {
        var time = new TimerWatch();
        var reading = new TaskCompletionSource();
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("8BITMIME");
            await s.ExpectAsync("MAIL", "250 ok");
            await s.ExpectAsync("RCPT", "250 ok");
            await s.ExpectAsync("DATA", "354 go");
            await reading.Task;
        });
        await using var sending = new Sending(time);
        var content = Enumerable.Range(0, 30).SelectMany(_ => Contents.OneMegabyte()).ToArray();
        var writes = time.NextTimer(TimeSpan.FromMinutes(3));

        var sent = sending.ToAsync(server.Port, content, "a@example.com");
        await writes;
        // Blocks go out until the network is full, and each has its own three minutes.
        while (!sent.IsCompleted)
        {
            time.Advance(TimeSpan.FromMinutes(3));
            await Task.Yield();
        }

        (await sent).Recipients[0].Is(OutcomeKind.Deferred, Reasons.RemoteTimeout, 451);
        reading.SetResult();
    }

    [Fact]
    public async Task A_server_that_is_always_just_in_time_is_left_when_the_attempt_has_taken_too_long()
    {
        var time = new TimerWatch();
        var (steps, answers) = (new SemaphoreSlim(0), new SemaphoreSlim(0));
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync();
            await s.ExpectAsync("MAIL", "250 ok");
            while (true)
            {
                await s.ExpectAsync("RCPT");
                steps.Release();
                await answers.WaitAsync();
                await s.SayAsync("250 ok");
            }
        });
        await using var unused = ScriptedSmtpServer.Start(s => s.HangAsync());
        await using var sending = new Sending(time);

        var sent = sending.ToAsync(
            [new("127.0.0.1", server.Port), new("127.0.0.1", unused.Port)], Sending.Hello,
            [.. Enumerable.Range(0, 10).Select(i => $"r{i}@example.com")]);
        for (var minutes = 0; minutes < 12; minutes += 4)
        {
            await steps.WaitAsync();
            time.Advance(TimeSpan.FromMinutes(4));
            answers.Release();
        }

        await steps.WaitAsync();
        time.Advance(TimeSpan.FromMinutes(3));

        Assert.All((await sent).Recipients, r => r.Is(OutcomeKind.Deferred, Reasons.RemoteTimeout, 451, "4.4.2"));
        Assert.Empty(unused.Sessions);
        server.Sessions[0].Dispose();
        answers.Release();
    }

    [Fact]
    public async Task The_time_of_the_attempt_stands_still_while_the_reply_to_the_content_is_awaited()
    {
        var time = new TimerWatch();
        var (reached, goOn) = (new SemaphoreSlim(0), new SemaphoreSlim(0));
        var (dot, taken) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.SayAsync("220 hello");
            foreach (var command in new[] { "EHLO", "MAIL", "RCPT" })
            {
                await s.ExpectAsync(command);
                reached.Release();
                await goOn.WaitAsync();
                await s.SayAsync("250 ok");
            }

            await s.ExpectAsync("DATA", "354 go on");
            await s.ReadContentAsync();
            dot.SetResult();
            await taken.Task;
            await s.SayAsync("250 taken");
            await s.QuitAsync();
        });
        await using var sending = new Sending(time);

        var sent = sending.HelloAsync(server.Port);
        for (var i = 0; i < 3; i++)
        {
            await reached.WaitAsync();
            time.Advance(TimeSpan.FromMinutes(4.9));
            goOn.Release();
        }

        await dot.Task;
        time.Advance(TimeSpan.FromMinutes(9.9));
        taken.SetResult();

        (await sent).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Fact]
    public async Task Nobody_waits_long_for_the_reply_to_QUIT()
    {
        var time = new TimerWatch();
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync();
            await s.TakeMessageAsync();
            await s.ExpectAsync("QUIT");
            await s.HangAsync();
        });
        var sending = new Sending(time, idle: TimeSpan.FromMinutes(1));
        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        var waits = time.NextTimer(TimeSpan.FromSeconds(5));

        var closing = sending.DisposeAsync().AsTask();
        await waits;
        // QUIT is written and its reply awaited, five seconds each.
        while (!closing.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }

        await closing;
    }

    private static async Task PlayAsync(ScriptedSmtpSession s, string stage, TaskCompletionSource reached, Task? answer)
    {
        await s.SayAsync("220 hello");
        foreach (var command in new[] { "EHLO", "MAIL", "RCPT", "DATA", "." })
        {
            if (command == ".")
            {
                await s.ReadContentAsync();
            }
            else
            {
                await s.ExpectAsync(command);
            }

            if (command == stage)
            {
                reached.SetResult();
                if (answer is null)
                {
                    await s.HangAsync();
                    return;
                }

                await answer;
            }

            await s.SayAsync(command == "DATA" ? "354 go" : "250 ok");
        }

        await s.QuitAsync();
    }
}
