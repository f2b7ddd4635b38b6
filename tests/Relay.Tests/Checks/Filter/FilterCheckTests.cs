using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Relay.Checks;
using Relay.Checks.Filter;
using Relay.Mail;
using Relay.Options;
using Relay.Support;
using Relay.Telemetry;

namespace Relay.Tests.Checks.Filter;

/// <summary>Against a real HTTP server on loopback that speaks the filter's protocol.</summary>
public sealed class FilterCheckTests : IAsyncLifetime
{
    private static readonly byte[] Content = Encoding.Latin1.GetBytes("Received: x\r\nFrom: a@example.com\r\n\r\ngr\u00FC\u00DFe\r\n.\r\n");

    private readonly FakeTimeProvider time = new();
    private readonly RecordingLog<FilterCheck> log = new();
    private readonly HttpClient http = FilterClient.CreateHttp();
    private FilterStub filter = null!;

    public async ValueTask InitializeAsync() => filter = await FilterStub.StartAsync();

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await filter.DisposeAsync();
    }

    [Fact]
    public async Task The_filter_gets_the_message_and_what_is_known_of_it()
    {
        var id = MessageId.New(time.GetUtcNow());
        var result = await RunAsync(o => o with { Password = "q1" }, new CheckSubject
        {
            ClientAddress = IPAddress.Parse("192.0.2.7"),
            Results = [new CheckResult(CheckName.ReverseDns)
            {
                Authentication = [new AuthenticationResult("iprev", "pass") { Comment = "mail.example.com" }],
            }],
            Helo = "helo.example.com",
            ReversePath = Path("a@example.com"),
            Recipients = [To("b@example.net"), To("\"c,d\"@example.net"), To("\u00E9@example.net")],
            Account = "printer",
            Id = id,
        });

        var question = Assert.Single(filter.Questions);
        Assert.Equal("POST /checkv2", question.Target);
        Assert.Equal(Content, question.Content);
        Assert.Equal(Content.Length.ToString(), question.Fields["Content-Length"]);
        Assert.Equal("<a@example.com>", question.Fields["From"]);
        Assert.Equal("<b@example.net>, <\"c,d\"@example.net>, <\u00E9@example.net>", question.Fields["Rcpt"]);
        Assert.Equal("192.0.2.7", question.Fields["IP"]);
        Assert.Equal("mail.example.com", question.Fields["Hostname"]);
        Assert.Equal("helo.example.com", question.Fields["Helo"]);
        Assert.Equal("printer", question.Fields["User"]);
        Assert.Equal(id.Value.ToString("N"), question.Fields["Queue-Id"]);
        Assert.Equal("q1", question.Fields["Password"]);
        Assert.Equal((CheckAction.None, null), (result.Action, result.Reason));
        Assert.Equal(["X-Relay-Filter: no action; score=0.10; required=15.00\r\n"], result.Fields);
    }

    [Fact]
    public async Task What_is_not_known_is_not_said_and_the_null_reverse_path_is()
    {
        await RunAsync(subject: new CheckSubject { ReversePath = ReversePath.Null });

        var fields = Assert.Single(filter.Questions).Fields;
        Assert.Equal("<>", fields["From"]);
        Assert.All(["Rcpt", "IP", "Hostname", "Helo", "User", "Queue-Id", "Password"], name => Assert.False(fields.ContainsKey(name), name));
    }

    [Theory]
    [InlineData("no action", CheckAction.None, null, null)]
    [InlineData("greylist", CheckAction.Tag, CheckReasons.FilterGreylist, null)]
    [InlineData("add header", CheckAction.Tag, CheckReasons.FilterTag, null)]
    [InlineData("rewrite subject", CheckAction.Tag, CheckReasons.FilterTag, null)]
    [InlineData("quarantine", CheckAction.Quarantine, CheckReasons.FilterQuarantine, null)]
    [InlineData("discard", CheckAction.Quarantine, CheckReasons.FilterQuarantine, null)]
    [InlineData("soft reject", CheckAction.Reject, CheckReasons.FilterSoftReject, "451 4.7.1 Refused for now by the content filter, try again later")]
    [InlineData("reject", CheckAction.Reject, CheckReasons.FilterReject, "550 5.7.1 Refused by the content filter")]
    public async Task Each_word_of_the_filter_asks_for_an_action(string word, CheckAction action, string? reason, string? reply)
    {
        filter.Answer = FilterStub.Json($$$"""
            {"is_skipped":false,"score":7.4,"required_score":15.0,"action":"{{{word}}}","message-id":"x@y","time_real":0.1,
             "symbols":{"SMALL":{"name":"SMALL","score":0.5},"BIG":{"score":-6.0,"options":["a"]}},"urls":["example.com"],"messages":{}}
            """);

        var result = await RunAsync();

        Assert.Equal((action, reason, reply), (result.Action, result.Reason, result.Refusal?.ToString()));
        Assert.Equal([$"X-Relay-Filter: {word}; score=7.40; required=15.00\r\n"], result.Fields);
        Assert.Equal($"{word}, score=7.40; required=15.00, BIG(-6.00), SMALL(0.50)", result.Detail);
        Assert.Empty(log.Lines);
    }

    [Theory]
    [InlineData("no action", 0)]
    [InlineData("add header", 1)]
    public async Task Mail_of_members_is_marked_only_where_the_filter_asks_for_something(string word, int fields)
    {
        filter.Answer = FilterStub.Json($$"""{"action":"{{word}}","score":7,"required_score":15}""");

        Assert.Equal(fields, (await RunAsync(subject: new CheckSubject { IsMember = true })).Fields.Count);
    }

    [Theory]
    [InlineData("reject", "550 5.7.1 Gtube pattern")]
    [InlineData("soft reject", "451 4.7.1 Gtube pattern")]
    public async Task The_reply_is_in_the_filters_own_words(string word, string reply)
    {
        filter.Answer = FilterStub.Json($$$"""{"action":"{{{word}}}","messages":{"smtp_message":"Gtube pattern"}}""");

        Assert.Equal(reply, (await RunAsync()).Refusal!.ToString());
    }

    [Fact]
    public async Task Words_of_the_filter_cannot_break_a_reply_or_a_field()
    {
        filter.Answer = FilterStub.Json($$$"""
            {"action":"reject","score":1e300,"required_score":-1e300,
             "messages":{"smtp_message":"a\r\n250 ok\u00e9{{{new string('x', 1000)}}}"},
             "symbols":{"A\r\nB":{"score":1},"{{{new string('y', 1000)}}}":{"score":2},"N":null} }
            """);

        var result = await RunAsync();

        Assert.Equal("550 5.7.1 a??250 ok?" + new string('x', 190), result.Refusal!.ToString());
        Assert.Equal(["X-Relay-Filter: reject; score=9999.00; required=-9999.00\r\n"], result.Fields);
        Assert.Equal($"reject, score=9999.00; required=-9999.00, {new string('y', 64)}(2.00), A??B(1.00), N(0.00)", result.Detail);
    }

    [Fact]
    public async Task Words_of_strangers_cannot_become_a_field_of_the_request()
    {
        await RunAsync(subject: new CheckSubject
        {
            Helo = "a\r\nPassword: x\0",
            ReversePath = new ReversePath(new Mailbox("a\r\nUser: admin", "example.com")),
            Recipients = [new ForwardPath(new Mailbox("b\nUser: admin", "example.com"))],
        });

        var fields = Assert.Single(filter.Questions).Fields;
        Assert.Equal("a??Password: x?", fields["Helo"]);
        Assert.False(fields.ContainsKey("User") || fields.ContainsKey("Password"));
    }

    [Fact]
    public async Task Of_many_recipients_the_filter_hears_of_a_hundred()
    {
        await RunAsync(subject: new CheckSubject { Recipients = [.. Enumerable.Range(0, 1000).Select(i => To($"user{i}@example.net"))] });

        Assert.EndsWith(", <user99@example.net>", Assert.Single(filter.Questions).Fields["Rcpt"]);
    }

    [Theory]
    [InlineData(200, "")]
    [InlineData(200, "null")]
    [InlineData(200, "{}")]
    [InlineData(200, "[]")]
    [InlineData(200, "<html>")]
    [InlineData(200, """{"action":null}""")]
    [InlineData(200, """{"action":"explode"}""")]
    [InlineData(200, """{"action":["reject"]}""")]
    [InlineData(200, """{"action":"reject","symbols":[1,2]}""")]
    [InlineData(200, """{"action":"reject" """)]
    [InlineData(403, """{"action":"reject"}""")]
    [InlineData(500, """{"action":"reject"}""")]
    [InlineData(204, "")]
    public async Task An_answer_that_makes_no_sense_is_none(int status, string answer)
    {
        filter.Answer = context =>
        {
            context.Response.StatusCode = status;
            return status == 204 ? Task.CompletedTask : context.Response.WriteAsync(answer);
        };

        AssertNoAnswer(await RunAsync());
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_not_followed(int status)
    {
        await using var other = await FilterStub.StartAsync();
        filter.Answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = new Uri(other.Address, "/checkv2").AbsoluteUri;
            return Task.CompletedTask;
        };

        AssertNoAnswer(await RunAsync());

        Assert.Empty(other.Questions);
    }

    [Theory]
    [InlineData("Content-Length: 1000000000")]
    [InlineData("Connection: close")]
    [InlineData("Transfer-Encoding: chunked")]
    public async Task A_huge_answer_is_not_read_to_its_end(string field)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var sent = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            var stream = client.GetStream();
            await stream.ReadExactlyAsync(new byte[Content.Length]);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{field}\r\n\r\n"));
            var block = Encoding.ASCII.GetBytes($"FFF8\r\n{new string('x', 0xFFF8)}\r\n");
            long octets = 0;
            try
            {
                for (; octets < 1_000_000_000; octets += block.Length)
                {
                    await stream.WriteAsync(block);
                }
            }
            catch (IOException)
            {
                // Nobody reads on.
            }

            return octets;
        });

        AssertNoAnswer(await RunAsync(o => o with { Url = new Uri($"http://{listener.LocalEndpoint}") }));

        Assert.InRange(await sent, 1, 100_000_000);
    }

    [Fact]
    public async Task A_slow_filter_has_no_answer_once_its_time_is_over()
    {
        var asked = new TaskCompletionSource();
        filter.Answer = context =>
        {
            asked.SetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        };

        var running = RunAsync();
        await asked.Task;
        Assert.False(running.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(10));

        var result = await running;
        AssertNoAnswer(result);
        Assert.Equal("no answer within 10 s", result.Detail);
    }

    [Fact]
    public async Task Who_gives_up_gives_up()
    {
        var asked = new TaskCompletionSource();
        filter.Answer = context =>
        {
            asked.SetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        };
        using var cancel = new CancellationTokenSource();

        var running = RunAsync(cancel: cancel.Token);
        await asked.Task;
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Empty(log.Lines);
    }

    [Fact]
    public async Task A_filter_that_is_gone_is_told_of_once_a_minute()
    {
        await filter.DisposeAsync();
        var check = new FilterCheck(Options(), http, time, log);
        for (var i = 0; i < 5; i++)
        {
            AssertNoAnswer(await RunAsync(check));
        }

        var first = Assert.Single(log.Lines);
        Assert.Equal(EventIds.FilterFailed, first.Event);
        Assert.StartsWith("no answer from the filter, 1 times since last told: ", first.Text);
        Assert.Contains($"127.0.0.1:{filter.Address.Port}", first.Text);

        time.Advance(TimeSpan.FromMinutes(1));
        AssertNoAnswer(await RunAsync(check));

        Assert.Equal(2, log.Lines.Count);
        Assert.StartsWith("no answer from the filter, 5 times since last told: ", log.Lines[1].Text);
    }

    [Fact]
    public async Task A_filter_that_is_back_is_told_of_once()
    {
        var check = new FilterCheck(Options(), http, time, log);
        filter.Answer = FilterStub.Json("", 500);
        await RunAsync(check);
        filter.Answer = FilterStub.Json("""{"action":"no action"}""");

        await RunAsync(check);
        await RunAsync(check);

        Assert.Equal([EventIds.FilterFailed, EventIds.FilterAnswers], log.Lines.Select(line => line.Event));
    }

    [Fact]
    public async Task A_message_larger_than_the_limit_is_not_sent()
    {
        var result = await RunAsync(o => o with { MaxSize = Content.Length - 1 });

        Assert.Equal((CheckAction.None, CheckReasons.FilterTooLarge), (result.Action, result.Reason));
        Assert.Empty(filter.Questions);
        Assert.Empty(log.Lines);
    }

    [Fact]
    public async Task A_large_message_is_sent_in_pieces_from_its_beginning()
    {
        var octets = new byte[8_000_000];
        new Random(7).NextBytes(octets);
        await using var content = new LargestRead(octets);
        content.Position = 5;

        await new FilterCheck(Options(), http, time, log).RunAsync(new CheckSubject { Content = content }, CancellationToken.None);

        Assert.Equal(octets, Assert.Single(filter.Questions).Content);
        Assert.InRange(content.Largest, 1, 128 * 1024);
    }

    [Fact]
    public async Task Nobody_reads_the_content_or_has_closed_it_once_the_check_has_ended()
    {
        await using var content = new LargestRead(new byte[1_000_000]) { PausesAt = 500_000 };

        var running = new FilterCheck(Options(), http, time, log)
            .RunAsync(new CheckSubject { Content = content }, CancellationToken.None);
        await content.Paused;
        Assert.Equal(1, content.Reading);
        time.Advance(TimeSpan.FromSeconds(10));

        AssertNoAnswer(await running);
        Assert.Equal(0, content.Reading);
        content.Position = 0;
        Assert.Equal(10, content.Read(new byte[10], 0, 10));
    }

    [Fact]
    public async Task The_address_may_have_a_path()
    {
        await RunAsync(o => o with { Url = new Uri(filter.Address, "/filters/mail/") });

        Assert.Equal("POST /filters/mail/checkv2", Assert.Single(filter.Questions).Target);
    }

    [Fact]
    public async Task A_password_is_never_shown()
    {
        filter.Answer = FilterStub.Json("", 403);

        var result = await RunAsync(o => o with { Password = "sesame" });

        Assert.DoesNotContain("sesame", result.ToString());
        Assert.DoesNotContain("sesame", Assert.Single(log.Lines).Text);
    }

    [Fact]
    public async Task What_is_no_http_is_no_answer()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var talk = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            await client.GetStream().WriteAsync("220 mail.example.com ESMTP\r\n"u8.ToArray());
        });

        AssertNoAnswer(await RunAsync(o => o with { Url = new Uri($"http://{listener.LocalEndpoint}") }));
        await talk;
    }

    private FilterOptions Options() => new() { Url = filter.Address };

    private Task<CheckResult> RunAsync(
        Func<FilterOptions, FilterOptions>? change = null, CheckSubject? subject = null, CancellationToken cancel = default) =>
        RunAsync(new FilterCheck(change is null ? Options() : change(Options()), http, time, log), subject, cancel);

    private static Task<CheckResult> RunAsync(FilterCheck check, CheckSubject? subject = null, CancellationToken cancel = default) =>
        check.RunAsync((subject ?? new CheckSubject()) with { Content = new MemoryStream(Content) }, cancel).AsTask();

    private static ReversePath Path(string address) => new(Mailbox.TryParse(address, out var mailbox) ? mailbox : null);

    private static ForwardPath To(string address) => new(Mailbox.TryParse(address, out var mailbox) ? mailbox : throw new FormatException(address));

    private static void AssertNoAnswer(CheckResult result)
    {
        Assert.Equal((CheckAction.None, CheckReasons.NoAnswer), (result.Action, result.Reason));
        Assert.Null(result.Refusal);
        Assert.Empty(result.Fields);
        Assert.NotNull(result.Detail);
    }

    /// <summary>Knows the largest piece that was asked for, and who is reading.</summary>
    private sealed class LargestRead(byte[] octets) : MemoryStream(octets)
    {
        private readonly TaskCompletionSource paused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int reading;

        /// <summary>From here on nothing more comes until the reader gives up.</summary>
        public long PausesAt { get; init; } = long.MaxValue;

        public Task Paused => paused.Task;

        public int Largest { get; private set; }

        public int Reading => Volatile.Read(ref reading);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref reading);
            Largest = Math.Max(Largest, buffer.Length);
            await Task.Yield();
            try
            {
                if (Position >= PausesAt)
                {
                    paused.TrySetResult();
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                }

                return await base.ReadAsync(buffer, cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref reading);
            }
        }

        public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            // As a file does it: in pieces.
            var buffer = new byte[bufferSize];
            int read;
            while ((read = await ReadAsync(buffer, cancellationToken)) > 0)
            {
                await destination.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
    }
}
