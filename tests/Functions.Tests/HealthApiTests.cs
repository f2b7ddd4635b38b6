using System.Net;
using System.Text.Json;
using Relay.Certificates;
using Relay.Spool;

namespace Relay.Functions.Tests;

public sealed class HealthApiTests
{
    [Fact]
    public async Task A_relay_whose_spool_is_writable_is_alive_and_ready()
    {
        await using var server = await RunningServer.StartAsync();

        var alive = await server.Client.GetAsync("/healthz");
        var ready = await server.Client.GetAsync("/readyz");

        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        Assert.Equal("""{"status":"alive"}""", await alive.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Equal(
            """{"status":"ready","checks":[{"name":"draining","ok":true},{"name":"spool","ok":true}]}""",
            await ready.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_full_disk_makes_it_unready_and_says_so_but_it_stays_alive()
    {
        await using var server = await RunningServer.StartAsync();
        server.Spool.OnWhyNotWritable = _ => new("the disk is full");

        var ready = await server.Client.GetAsync("/readyz");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal(
            """{"status":"not ready","checks":[{"name":"draining","ok":true},{"name":"spool","problem":"the disk is full","ok":false}]}""",
            await ready.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/healthz")).StatusCode);
    }

    [Fact]
    public async Task A_draining_relay_is_not_ready()
    {
        await using var server = await RunningServer.StartAsync();
        server.Readiness.Draining = true;

        var ready = await server.Client.GetAsync("/readyz");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal(["draining"], Failed(await ready.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task A_spool_that_throws_makes_it_unready()
    {
        await using var server = await RunningServer.StartAsync();
        server.Spool.OnWhyNotWritable = _ => throw new SpoolException(SpoolFault.Unavailable, "the spool is closed");

        var ready = await server.Client.GetAsync("/readyz");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal(["spool"], Failed(await ready.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task A_spool_that_does_not_answer_makes_it_unready_after_five_seconds()
    {
        await using var server = await RunningServer.StartAsync();
        var asked = new TaskCompletionSource();
        server.Spool.OnWhyNotWritable = cancel =>
        {
            asked.SetResult();
            return new(new TaskCompletionSource<string?>().Task);
        };

        var request = server.Client.GetAsync("/readyz");
        await asked.Task;
        // The timer is made after the spool was asked: go on until it has run out.
        while (!request.IsCompleted)
        {
            server.Time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }

        var ready = await request;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal(["spool"], Failed(await ready.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task A_certificate_near_its_end_or_past_it_is_told_but_mail_may_come()
    {
        var end = new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
        CertificateExpiry[] certificates = [new(["mail.example.com", "example.com"], end), new(["far.example.com"], end.AddYears(1))];
        await using var server = await RunningServer.StartAsync(() => certificates);

        Assert.Equal("""{"name":"certificate","ok":true}""", await CertificateCheckAsync(server));

        server.Time.SetUtcNow(end.AddDays(-11.5));
        Assert.Equal(
            """{"name":"certificate","warning":"mail.example.com expires in 11 days, at 2026-06-01T00:00:00Z","ok":true}""",
            await CertificateCheckAsync(server));

        server.Time.SetUtcNow(end.AddYears(1).AddDays(-1));
        Assert.Equal(
            """{"name":"certificate","warning":"mail.example.com has expired at 2026-06-01T00:00:00Z; far.example.com expires in 1 days, at 2027-06-01T00:00:00Z","ok":true}""",
            await CertificateCheckAsync(server));
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public async Task Probes_may_ask_by_HEAD(string path)
    {
        await using var server = await RunningServer.StartAsync();

        var response = await server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task<string> CertificateCheckAsync(RunningServer server)
    {
        var ready = await server.Client.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        using var body = JsonDocument.Parse(await ready.Content.ReadAsStringAsync());
        return body.RootElement.GetProperty("checks").EnumerateArray()
            .Single(check => check.GetProperty("name").GetString() == "certificate").GetRawText();
    }

    private static List<string?> Failed(string json) => JsonDocument.Parse(json).RootElement.GetProperty("checks").EnumerateArray()
        .Where(check => !check.GetProperty("ok").GetBoolean())
        .Select(check => check.GetProperty("name").GetString())
        .ToList();
}
