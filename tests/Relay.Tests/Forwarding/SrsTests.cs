using Microsoft.Extensions.Time.Testing;
using Relay.Forwarding;
using Relay.Mail;

namespace Relay.Tests.Forwarding;

/// <summary>
/// The Sender Rewriting Scheme. The expected addresses come from another implementation with the same secret and on the same day:
/// those of 25 November 2026 from postsrsd 1.10, those of 23 November from a program of a few lines that agrees with it.
/// </summary>
public sealed class SrsTests
{
    private const string Secret = "a secret of the tests";
    private static readonly DateTimeOffset Day = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider time = new(Day);

    private Srs Ours => new(ReturnPathSecrets.Of(Secret), "relay.test", time);

    [Theory]
    [InlineData(23, "user@example.com", "SRS0=Jh03=JM=example.com=user")]
    [InlineData(23, "User@Example.COM", "SRS0=Jh03=JM=Example.COM=User")]
    [InlineData(23, "user+tag@mail.example.org", "SRS0=b1bg=JM=mail.example.org=user+tag")]
    [InlineData(23, "u=x=y@example.com", "SRS0=Hd7t=JM=example.com=u=x=y")]
    [InlineData(25, "user@example.com", "SRS0=qRCm=JO=example.com=user")]
    [InlineData(25, "user+tag@mail.example.org", "SRS0=ClGi=JO=mail.example.org=user+tag")]
    [InlineData(25, "u=x=y@example.com", "SRS0=f4Ra=JO=example.com=u=x=y")]
    public void A_sender_is_held_by_an_address_of_ours_and_comes_back_from_it(int day, string sender, string expected)
    {
        time.SetUtcNow(Day.AddDays(day - 23));

        var rewritten = Ours.Rewrite(Of(sender))!;

        Assert.Equal($"{expected}@relay.test", rewritten.ToString());
        Assert.Equal(sender, Reversed(rewritten)?.ToString());
    }

    [Theory]
    [InlineData("SRS0=abcd=AB=orig.example=joe@first.example", "SRS1=FxGp=first.example==abcd=AB=orig.example=joe")]
    [InlineData("SRS0-abcd=AB=orig.example=joe@first.example", "SRS1=hGPF=first.example=-abcd=AB=orig.example=joe")]
    public void What_another_host_has_rewritten_comes_back_to_that_host(string sender, string expected)
    {
        var rewritten = Ours.Rewrite(Of(sender))!;

        Assert.Equal($"{expected}@relay.test", rewritten.ToString());
        Assert.Equal(sender, Reversed(rewritten)?.ToString());
    }

    [Theory]
    [InlineData("SRS1=abcd=first.example==zzzz=AB=orig.example=joe@second.example",
        "SRS1=WF0t=first.example==zzzz=AB=orig.example=joe", "SRS0=zzzz=AB=orig.example=joe@first.example")]
    [InlineData("SRS1=abcd=first.example=+zzzz=AB=orig.example=joe@second.example",
        "SRS1=eQ3T=first.example=+zzzz=AB=orig.example=joe", "SRS0+zzzz=AB=orig.example=joe@first.example")]
    public void Hosts_between_the_first_one_and_us_are_left_out(string sender, string expected, string back)
    {
        var rewritten = Ours.Rewrite(Of(sender))!;

        Assert.Equal($"{expected}@relay.test", rewritten.ToString());
        Assert.Equal(back, Reversed(rewritten)?.ToString());
    }

    [Theory]
    [InlineData("srs0=jh03=jm=example.com=user@relay.test", "user@example.com")]
    [InlineData("SRS0=JH03=JM=EXAMPLE.COM=USER@RELAY.TEST", "USER@EXAMPLE.COM")]
    [InlineData("SRS0+Jh03=JM=example.com=user@relay.test", "user@example.com")]
    public void Case_and_separator_are_of_no_matter_on_the_way_back(string address, string sender) =>
        Assert.Equal(sender, Reversed(Of(address))?.ToString());

    [Theory]
    [InlineData("SRS0=Jh04=JM=example.com=user@relay.test")]
    [InlineData("SRS0=Jh03=JN=example.com=user@relay.test")]
    [InlineData("SRS0=Jh03=JM=example.net=user@relay.test")]
    [InlineData("SRS0=Jh03=JM=example.com=users@relay.test")]
    [InlineData("SRS0=Jh0=JM=example.com=user@relay.test")]
    [InlineData("SRS0=Jh03=JM=example.com@relay.test")]
    [InlineData("SRS0==JM=example.com=user@relay.test")]
    [InlineData("SRS0=@relay.test")]
    [InlineData("SRS1=FxGq=first.example==abcd=AB=orig.example=joe@relay.test")]
    [InlineData("SRS1=FxGp=other.example==abcd=AB=orig.example=joe@relay.test")]
    [InlineData("SRS1=FxGp=first.example=@relay.test")]
    [InlineData("SRS1=FxGp@relay.test")]
    [InlineData("SRS0=Jh03=JM=example.com=user@other.test")]
    [InlineData("user@relay.test")]
    public void Nothing_else_leads_anywhere(string address)
    {
        Assert.False(Ours.TryReverse(Of(address), out _, out var refusal));
        Assert.Equal("550 5.1.1 This is no return path that this host has given out", refusal.ToString());
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(21, true)]
    [InlineData(22, false)]
    [InlineData(500, false)]
    [InlineData(1022, false)]
    [InlineData(-1, true)]
    [InlineData(-2, false)]
    public void An_address_is_taken_back_for_three_weeks(int days, bool taken)
    {
        var address = Of("SRS0=Jh03=JM=example.com=user@relay.test");
        time.AdjustTime(Day.AddDays(days));

        Assert.Equal(taken, Ours.TryReverse(address, out _, out var refusal));
        Assert.Equal(taken ? null : "550 5.1.1 This return path has expired", refusal?.ToString());
    }

    [Fact]
    public void A_longer_hash_of_a_host_that_shares_the_secret_is_believed_whole()
    {
        Assert.Equal("user@example.com", Reversed(Of("SRS0=Jh03DQwe=JM=example.com=user@relay.test"))?.ToString());
        Assert.Null(Reversed(Of("SRS0=Jh03DQwx=JM=example.com=user@relay.test")));
    }

    [Fact]
    public void A_secret_that_was_changed_is_known_below_the_new_one()
    {
        var changed = new Srs(ReturnPathSecrets.Of("a new secret of the tests", Secret), "relay.test", time);

        Assert.True(changed.TryReverse(Ours.Rewrite(Of("user@example.com"))!, out _, out _));
        Assert.False(Ours.TryReverse(changed.Rewrite(Of("user@example.com"))!, out _, out _));
    }

    [Fact]
    public void A_sender_that_leaves_no_room_is_not_rewritten()
    {
        var domain = $"{new string('a', 60)}.{new string('b', 60)}.{new string('c', 60)}.example";

        Assert.NotNull(Ours.Rewrite(new Mailbox(new string('u', 44), domain)));
        Assert.Null(Ours.Rewrite(new Mailbox(new string('u', 64), domain)));
    }

    [Fact]
    public void A_local_part_that_must_be_quoted_stays_what_it_is()
    {
        var sender = Of("\"a b=c\\\"d\"@example.com");

        var rewritten = Ours.Rewrite(sender)!;

        Assert.Equal(sender, Reversed(Of(rewritten.ToString())));
    }

    private Mailbox? Reversed(Mailbox address) => Ours.TryReverse(address, out var sender, out _) ? sender : null;

    private static Mailbox Of(string address) => Mailbox.TryParse(address, out var mailbox) ? mailbox : throw new ArgumentException(address);
}
