using System.Globalization;
using Relay.Mail;
using Relay.Spool;
using Relay.Status;
using Relay.Support;

namespace Relay.Tests.Spool.Azure;

/// <summary>
/// Counts what storage is asked for from the acceptance to the final status of all recipients, what the host of a queue asks included, and
/// holds <c>docs/scale.md</c> against it.
/// </summary>
public sealed class AzureTransactionTests : SpoolTests
{
    private readonly CountingPolicy counting = new();
    private AzureEstate estate = null!;

    public override async ValueTask InitializeAsync()
    {
        estate = await AzureEstate.MakeAsync(Time);
        await base.InitializeAsync();
    }

    protected override ISpool Open() => estate.Open(counting);

    [Fact]
    public async Task One_recipient_who_gets_it_at_the_first_attempt_takes_seven()
    {
        await AcceptAsync("x");

        await StepAsync(WorkQueue.Accepted, Final);

        Assert.Equal(7, counting.Counted.All);
        AssertDocumented("one recipient, delivered at once");
    }

    [Fact]
    public async Task Ten_recipients_of_one_destination_take_no_more()
    {
        await AcceptAsync("x", Message(Many(10)));

        await StepAsync(WorkQueue.Accepted, Final);

        AssertDocumented("10 recipients of one destination, delivered at once");
    }

    [Fact]
    public async Task Ten_destinations_are_a_work_each()
    {
        await AcceptAsync("x", Message(Many(10)));

        await StepAsync(WorkQueue.Accepted, lease => new Transition
        {
            Follows = lease,
            At = Start,
            Next = [.. Enumerable.Range(0, 10).Select(n => new NextWork(WorkQueue.Delivery, new WorkDetail { Recipients = [n], Route = "mx" }, Start))],
        }, reads: false);
        await StepAsync(WorkQueue.Delivery, Final);

        AssertDocumented("10 recipients of 10 destinations, delivered at once");
    }

    [Fact]
    public async Task A_thousand_recipients_of_one_destination_are_eleven_works()
    {
        var id = await AcceptAsync("x", Message(Many(1000)));

        await StepAsync(WorkQueue.Accepted, Final);

        AssertDocumented("1,000 recipients of one destination, delivered at once");
        Assert.All((await Spool.StatusAsync(id, default))!.Recipients, r => Assert.Equal(RecipientState.Delivered, r.State));
    }

    [Fact]
    public async Task A_recipient_who_is_deferred_once_takes_six_more()
    {
        await AcceptAsync("x");
        await StepAsync(WorkQueue.Accepted, lease => Deferred(lease, Start.AddMinutes(1)));

        Time.Advance(TimeSpan.FromMinutes(1));
        await StepAsync(WorkQueue.Delivery, Final);

        AssertDocumented("one recipient, deferred once");
    }

    [Fact]
    public async Task A_bounce_is_a_notice_and_a_message_more()
    {
        await AcceptAsync("x");
        await StepAsync(WorkQueue.Accepted, lease => new Transition
        {
            Follows = lease,
            At = Start,
            Recipients = [new RecipientChange(0, State(RecipientState.Bounced, Reasons.RemotePermanent))],
            Next = [new NextWork(WorkQueue.Notify, new WorkDetail { Recipients = [0], Reports = [new RecipientReport("x", "5.1.1", null, null)] }, Start)],
        });
        await StepAsync(WorkQueue.Notify, lease => new Transition { Follows = lease, At = Start }, before: () => AcceptAsync("dsn"));
        await StepAsync(WorkQueue.Accepted, Final);

        AssertDocumented("one recipient, bounced, with the DSN");
    }

    private static string[] Many(int count) => [.. Enumerable.Range(0, count).Select(n => $"r{n}@example.net")];

    /// <summary>All works of a queue that are due, as a step does them.</summary>
    private async Task StepAsync(WorkQueue queue, Func<Lease, Transition> decide, bool reads = true, Func<Task>? before = null)
    {
        foreach (var lease in await Spool.LeaseAsync(queue, 32, default))
        {
            if (reads)
            {
                await OctetsAsync(lease.Work.Message);
            }

            await (before?.Invoke() ?? Task.CompletedTask);
            Assert.True(await Spool.CommitAsync(decide(lease)));
        }
    }

    private void AssertDocumented(string what)
    {
        var row = Row(what, counting.Counted);
        Assert.True(File.ReadAllLines(System.IO.Path.Combine(SourceTree.Root, "docs", "scale.md")).Contains(row), row);
    }

    private static string Row(string what, Transactions counted) => string.Create(CultureInfo.InvariantCulture,
        $"| {what} | {counted.BlobWrites} | {counted.BlobReads} | {counted.Queue} | {counted.Table} | {counted.All} | {Price(counted):0.00} |");

    /// <summary>US dollars for a million such messages, by the prices of 10,000 transactions that the page names.</summary>
    private static double Price(Transactions counted) =>
        ((counted.BlobWrites * 0.05) + (counted.BlobReads * 0.004) + (counted.Queue * 0.004) + (counted.Table * 0.00036)) * 100;
}
