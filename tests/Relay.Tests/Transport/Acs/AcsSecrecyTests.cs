using Relay.Mail;
using Relay.Routing;
using Relay.Status;
using Relay.Transport;
using Relay.Transport.Acs;

namespace Relay.Tests.Transport.Acs;

/// <summary>
/// Whom mail goes to is the envelope's to say, and whom its reader sees is the header's: over envelopes and headers at random.
/// </summary>
public sealed class AcsSecrecyTests
{
    private static readonly string[] People = [.. Enumerable.Range(0, 130).Select(n => $"p{n}@example.net")];

    [Fact]
    public void Everybody_of_the_envelope_gets_it_once_nobody_else_does_and_no_secret_is_shown()
    {
        var random = new Random(20261123);
        for (var round = 0; round < 2000; round++)
        {
            var named = Pick(random).Select((address, n) => new AcsNamed(Parse(address), null, random.Next(2) == 0)).ToArray();
            var envelope = Pick(random);
            var indexes = envelope.Select((_, n) => n).Where(_ => random.Next(10) > 0).ToArray();
            var recipients = indexes.Select(i => random.Next(4) == 0 ? envelope[i].ToUpperInvariant() : envelope[i]).ToArray();
            var request = Request(recipients, indexes);

            var groups = AcsGroup.Split(request, named, [.. Enumerable.Range(0, recipients.Length)]);

            Assert.Equal(recipients.Order(), groups.SelectMany(Everybody).Order());
            Assert.Equal(Enumerable.Range(0, recipients.Length), groups.SelectMany(g => g.Members).Order());
            Assert.Equal(groups.Count, groups.Select(g => AcsOperation.Of(request.Message, g.First, 0)).Distinct().Count());
            foreach (var group in groups)
            {
                AssertNoSecretIsShown(group, named);
            }
        }
    }

    [Fact]
    public void Groups_stay_what_they_were_when_others_are_done_with()
    {
        var all = Request(People, [.. Enumerable.Range(0, People.Length)]);
        var named = People.Select(p => new AcsNamed(Parse(p), null, false)).ToArray();
        var before = AcsGroup.Split(all, named, [.. Enumerable.Range(0, People.Length)]);

        var left = Enumerable.Range(0, People.Length).Where(n => n != 3 && n != 77).ToArray();
        var after = AcsGroup.Split(Request([.. left.Select(n => People[n])], left), named, [.. Enumerable.Range(0, left.Length)]);

        Assert.Equal(before.Select(g => g.First), after.Select(g => g.First));
        foreach (var (one, other) in before.Zip(after))
        {
            Assert.Subset(one.Members.Select(m => People[m]).ToHashSet(), other.Members.Select(m => People[left[m]]).ToHashSet());
        }
    }

    [Fact]
    public async Task Whom_the_header_names_and_the_envelope_does_not_gets_nothing()
    {
        await using var acs = await AcsHarness.StartAsync();

        await acs.SendAsync("From: a@example.com\nTo: ann@example.net, boss@example.org\nCc: all@example.org\nBcc: spy@example.org\n\ntext\n",
            "ann@example.net", "hidden@example.net");

        var mail = Assert.Single(acs.Stub.Mails);
        Assert.Equal(["ann@example.net", "hidden@example.net"], mail.Everybody);
        Assert.Equal(["hidden@example.net"], mail.Addresses("bcc"));
        Assert.DoesNotContain("example.org", mail.Email.GetRawText());
    }

    [Fact]
    public async Task Secret_recipients_without_anybody_to_be_shown_get_a_mail_each()
    {
        await using var acs = await AcsHarness.StartAsync();

        await acs.SendAsync("From: a@example.com\nTo: undisclosed-recipients:;\n\ntext\n", "ann@example.net", "bob@example.net");

        Assert.Equal([["ann@example.net"], ["bob@example.net"]], acs.Stub.Mails.Select(m => m.Everybody));
    }

    [Fact]
    public async Task Where_all_names_are_to_be_shown_a_mail_that_cannot_show_them_is_not_carried()
    {
        await using var acs = await AcsHarness.StartAsync();
        acs.Acs = acs.Acs with { MayLose = [] };

        var outcome = await acs.SendAsync("From: a@example.com\nTo: ann@example.net, bob@example.net\n\ntext\n", "ann@example.net");

        Assert.True(outcome.Recipients[0] is { Kind: OutcomeKind.Bounced, Reason: Reasons.RouteCannotCarry, MayFallBack: true });
        Assert.Empty(acs.Stub.Calls);
    }

    private static void AssertNoSecretIsShown(AcsGroup group, AcsNamed[] named)
    {
        string[] shown = [.. group.Lists.To.Select(a => a.Address), .. (group.Lists.Cc ?? []).Select(a => a.Address)];
        var everybody = Everybody(group);
        Assert.InRange(everybody.Count, 1, 50);
        Assert.NotEmpty(group.Lists.To);
        // Whoever is shown is named in the header, or is alone and sees himself.
        Assert.All(shown, address => Assert.True(
            named.Any(n => n.Mailbox.ToString().Equals(address, StringComparison.OrdinalIgnoreCase)) || everybody.Count == 1));
    }

    private static List<string> Everybody(AcsGroup group) =>
        [.. group.Lists.To.Concat(group.Lists.Cc ?? []).Concat(group.Lists.Bcc ?? []).Select(a => a.Address)];

    private static string[] Pick(Random random)
    {
        var count = random.Next(4) switch { 0 => random.Next(130), 1 => random.Next(3), _ => random.Next(12) };
        var picked = (string[])People.Clone();
        random.Shuffle(picked);
        return picked[..count];
    }

    private static Mailbox Parse(string address) => Mailbox.TryParse(address, out var mailbox) ? mailbox : throw new ArgumentException(address);

    private static DeliveryRequest Request(string[] recipients, int[] indexes) => new()
    {
        Message = MessageId.New(AcsHarness.Start),
        Envelope = new Envelope { ReversePath = new ReversePath(new Mailbox("app", "example.com")), Recipients = [.. recipients.Select(r => new ForwardPath(Parse(r)))] },
        Route = new Route { Name = "acs", Kind = RouteKind.Acs, Recipients = ["*"] },
        Indexes = indexes,
        Content = Stream.Null,
    };
}
