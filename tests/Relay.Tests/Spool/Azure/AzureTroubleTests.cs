using System.Buffers;
using Azure.Core;
using Azure.Core.Pipeline;
using Relay.Mail;
using Relay.Spool;
using Relay.Spool.Azure;
using Relay.Status;

namespace Relay.Tests.Spool.Azure;

/// <summary>Storage refuses, is overrun, is slow or gone: nothing is accepted that is not safe, and work goes on when it is back.</summary>
public sealed class AzureTroubleTests : SpoolTests
{
    private readonly TroubleTransport trouble = new();
    private AzureEstate estate = null!;

    public override async ValueTask InitializeAsync()
    {
        estate = await AzureEstate.MakeAsync(Time);
        await base.InitializeAsync();
    }

    protected override ISpool Open() => estate.OpenOver(trouble);

    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(403)]
    [InlineData(0)]
    public async Task What_storage_does_not_take_is_not_accepted_and_all_goes_on_when_it_is_back(int status)
    {
        var before = await AcceptAsync("before");
        trouble.Answer = status;

        var e = await Assert.ThrowsAsync<SpoolException>(() => AcceptAsync("x"));
        Assert.Equal(SpoolFault.Unavailable, e.Fault);
        Assert.DoesNotContain("http", e.Message, StringComparison.OrdinalIgnoreCase);
        Assert.NotNull(await Spool.WhyNotWritableAsync(default));
        await Assert.ThrowsAsync<SpoolException>(() => ((AzureSpool)Spool).TakeAsync(WorkQueue.Accepted, 1));
        await Assert.ThrowsAsync<SpoolException>(async () => await Spool.StatusAsync(before, default));

        trouble.Answer = null;
        Assert.Null(await Spool.WhyNotWritableAsync(default));
        var after = await AcceptAsync("after");
        var leases = await Spool.LeaseAsync(WorkQueue.Accepted, 10, default);
        Assert.Equal(new HashSet<MessageId> { before, after }, leases.Select(lease => lease.Work.Message).ToHashSet());
    }

    [Fact]
    public async Task A_commit_that_storage_does_not_take_can_be_tried_again()
    {
        var id = await AcceptAsync("x");
        var lease = Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default));
        trouble.Answer = 503;
        await Assert.ThrowsAsync<SpoolException>(() => Spool.CommitAsync(Final(lease)));

        trouble.Answer = null;
        Assert.True(await Spool.CommitAsync(Final(lease)));

        Assert.Equal(RecipientState.Delivered, (await Spool.StatusAsync(id, default))!.Recipients[0].State);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(600_000)]
    public async Task A_session_is_not_held_by_storage_that_does_not_answer(int size)
    {
        var message = Message();
        await using var content = Spool.CreateContent(message.Id);
        content.Write(Octets(size));
        trouble.IsSilent = true;

        var accept = Spool.AcceptAsync(message, content);
        await trouble.Asked;
        Time.Advance(AzureContentWriter.StepTimeout);
        var e = await Assert.ThrowsAsync<SpoolException>(() => accept);
        Assert.Equal(SpoolFault.Unavailable, e.Fault);
        trouble.IsSilent = false;
    }

    [Fact]
    public async Task A_queue_that_is_gone_holds_up_no_acceptance_and_the_sweep_brings_the_work()
    {
        trouble.Answer = 503;
        trouble.Only = "/messages";
        var id = await AcceptAsync("x");
        trouble.Answer = null;
        Assert.Empty(await ((AzureSpool)Spool).TakeAsync(WorkQueue.Accepted, 1));

        Time.Advance(TimeSpan.FromMinutes(11));
        await Spool.SweepAsync(Start.AddDays(-1), default);

        Assert.Equal(id, Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default)).Work.Message);
    }

    [Fact]
    public async Task Work_whose_rows_cannot_be_read_now_is_not_lost()
    {
        await AcceptAsync("x");
        await Spool.AbandonAsync(Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default)));
        trouble.Answer = 503;
        trouble.Only = "status()";
        Assert.Empty(await ((AzureSpool)Spool).TakeAsync(WorkQueue.Accepted, 1));

        trouble.Answer = null;
        Time.Advance(TimeSpan.FromMinutes(11));
        await Spool.SweepAsync(Start.AddDays(-1), default);

        Assert.Single(await Spool.LeaseAsync(WorkQueue.Accepted, 1, default));
    }

    private sealed class TroubleTransport : HttpPipelineTransport
    {
        private readonly TaskCompletionSource asked = new();

        /// <summary>What every request gets; 0: the connection breaks; null: all is well.</summary>
        public int? Answer { get; set; }

        /// <summary>Only requests whose address holds this; null for all.</summary>
        public string? Only { get; set; }

        /// <summary>No request is answered.</summary>
        public bool IsSilent { get; set; }

        /// <summary>Ends when a request was not answered.</summary>
        public Task Asked => asked.Task;

        public override Request CreateRequest() => HttpClientTransport.Shared.CreateRequest();

        public override void Process(HttpMessage message) => throw new NotSupportedException();

        public override async ValueTask ProcessAsync(HttpMessage message)
        {
            if (IsSilent)
            {
                asked.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, message.CancellationToken);
            }

            if (Answer is not { } status || !(message.Request.Uri.Path ?? "").Contains(Only ?? "", StringComparison.Ordinal))
            {
                await HttpClientTransport.Shared.ProcessAsync(message);
                return;
            }

            message.Response = status > 0 ? new MadeResponse(status, "", new HttpHeader("Retry-After", "60")) : throw new HttpRequestException("refused");
        }
    }
}
