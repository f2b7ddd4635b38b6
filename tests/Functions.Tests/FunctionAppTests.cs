using System.Net;
using Azure.Storage.Queues;
using Relay.Spool;
using Relay.Status;
using Relay.Support;
using Relay.Support.Functions;

namespace Relay.Functions.Tests;

/// <summary>The published function app under the double of its host.</summary>
public sealed class FunctionAppTests
{
    [Fact]
    public async Task What_is_accepted_is_delivered_and_http_passes_with_the_key_of_the_host_alone()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var app = await RunningApp.StartAsync(sink.Port);

        var id = await app.AcceptAsync("someone@example.net");
        var status = await app.StatusAsync(id, s => s.Recipients[0].State.IsFinal());

        Assert.Equal(RecipientState.Delivered, status.Recipients[0].State);
        Assert.Equal(["<someone@example.net>"], Assert.Single(sink.Messages()).RcptTo);
        Assert.True(await app.Host.RunTimerAsync("Sweep"));

        using var world = new HttpClient { BaseAddress = app.Host.Address };
        Assert.Equal(HttpStatusCode.Unauthorized, (await world.GetAsync($"/messages/{id}")).StatusCode);
        Assert.Contains("delivered", await world.GetStringAsync($"/messages/{id}?code=host-key"), StringComparison.Ordinal);
        var forged = await world.PostAsync("/Accepted?code=host-key", new StringContent("""{"Data":{"message":"x"}}"""));
        Assert.Equal(HttpStatusCode.NotFound, forged.StatusCode);
    }

    [Fact]
    public async Task A_handler_that_is_killed_at_work_loses_nothing()
    {
        var (begun, ended) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = ScriptedSmtpServer.Start(
            async session =>
            {
                begun.SetResult();
                await ended.Task;
            },
            async session =>
            {
                await session.GreetAsync();
                await session.TakeMessageAsync();
            });
        await using var app = await RunningApp.StartAsync(server.Port, Impatient);
        var id = await app.AcceptAsync("someone@example.net");
        await begun.Task;

        await app.Host.Handler.KillAsync();
        ended.SetResult();
        var status = await app.StatusAsync(id, s => s.Recipients[0].State.IsFinal());

        Assert.Equal(RecipientState.Delivered, status.Recipients[0].State);
        Assert.Equal(2, app.Host.Handler.Starts);
    }

    [Fact]
    public async Task What_is_given_up_by_its_queue_is_set_aside_and_the_status_says_so()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var app = await RunningApp.StartAsync(sink.Port, host => host with { Functions = [.. host.Functions.Where(f => f.Name != "Accepted")] });
        var id = await app.AcceptAsync("someone@example.net");
        var accepted = new QueueClient(app.ConnectionString, "accepted");
        var message = (await accepted.ReceiveMessageAsync()).Value;

        var poison = new QueueClient(app.ConnectionString, "accepted-poison");
        await poison.CreateIfNotExistsAsync();
        await poison.SendMessageAsync(message.Body);
        var status = await app.StatusAsync(id, s => (s.Events ?? []).Any(e => e.Detail?.Contains("without a result", StringComparison.Ordinal) ?? false));

        Assert.False(status.Recipients[0].State.IsFinal());
        Assert.Contains(app.Host.Handler.Output, line => line.Contains("[512]", StringComparison.Ordinal));
    }

    /// <summary>What failed comes again at once.</summary>
    private static PublishedApp Impatient(PublishedApp app) =>
        app with { Queues = app.Queues with { VisibilityTimeout = TimeSpan.FromSeconds(1), MaxPollingInterval = TimeSpan.FromMilliseconds(200) } };
}
