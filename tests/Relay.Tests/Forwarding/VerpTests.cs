using Relay.Forwarding;
using Relay.Mail;

namespace Relay.Tests.Forwarding;

/// <summary>Return-paths that name the message. The expected ones were computed apart from this code (HMAC-SHA-256, base 32 of RFC 4648).</summary>
public sealed class VerpTests
{
    private static readonly MessageId Message =
        MessageId.TryParse("0199c0ffee00700080000123456789ab", out var id) ? id : throw new InvalidOperationException();

    private readonly Verp verp = new(ReturnPathSecrets.Of("a secret of the tests"), "bounces.example");

    [Theory]
    [InlineData(0, "agm4b77oabyabaaaaerukz4jvmaaaqfvyzmjbwsbc4")]
    [InlineData(7, "agm4b77oabyabaaaaerukz4jvmaaoocx6yfjjwgr4i")]
    [InlineData(null, "agm4b77oabyabaaaaerukz4jvp7777kpnbuv23w2fi")]
    public void A_return_path_is_the_id_the_index_and_a_mark(int? recipient, string token)
    {
        var address = verp.Of(Message, recipient);

        Assert.Equal($"bounces+{token}@bounces.example", address.ToString());
        Assert.True(verp.TryRead(address, out var message, out var index));
        Assert.Equal(Message, message);
        Assert.Equal(recipient, index);
    }

    [Theory]
    [InlineData(65_534, 65_534)]
    [InlineData(65_535, null)]
    [InlineData(99_999, null)]
    public void An_index_that_has_no_room_is_left_out(int recipient, int? read)
    {
        Assert.True(verp.TryRead(verp.Of(Message, recipient), out _, out var index));

        Assert.Equal(read, index);
    }

    [Fact]
    public void Hosts_that_change_the_case_do_no_harm()
    {
        var address = verp.Of(Message, 3);

        Assert.True(verp.TryRead(new Mailbox(address.LocalPart.ToUpperInvariant(), "BOUNCES.Example"), out var message, out _));
        Assert.Equal(Message, message);
    }

    [Fact]
    public void The_local_part_is_as_long_as_every_host_must_take() =>
        Assert.InRange(verp.Of(Message, 3).LocalPart.Length, 1, 64);

    [Fact]
    public void A_token_with_any_other_character_is_not_ours()
    {
        var token = verp.Of(Message, 3).LocalPart;
        for (var i = "bounces+".Length; i < token.Length; i++)
        {
            var other = $"{token[..i]}{(token[i] == 'a' ? 'b' : 'a')}{token[(i + 1)..]}";
            Assert.False(verp.TryRead(new Mailbox(other, "bounces.example"), out _, out _), other);
        }
    }

    [Theory]
    [InlineData("bounces+@bounces.example")]
    [InlineData("bounces+aaaa@bounces.example")]
    [InlineData("bounces+1111111111111111111111111111111111111111111@bounces.example")]
    [InlineData("bounces@bounces.example")]
    [InlineData("user@bounces.example")]
    public void What_is_no_token_is_not_ours(string address)
    {
        Assert.True(Mailbox.TryParse(address, out var mailbox));

        Assert.False(verp.TryRead(mailbox, out _, out _));
    }

    [Fact]
    public void The_mark_of_another_secret_or_another_domain_is_not_ours()
    {
        var address = verp.Of(Message, 3);

        Assert.False(verp.TryRead(address with { Domain = "other.example" }, out _, out _));
        Assert.False(new Verp(ReturnPathSecrets.Of("another secret of the tests"), "bounces.example").TryRead(address, out _, out _));
    }

    [Fact]
    public void A_secret_that_was_changed_is_known_for_as_long_as_it_stands_below_the_new_one()
    {
        var changed = new Verp(ReturnPathSecrets.Of("a new secret of the tests", "a secret of the tests"), "bounces.example");

        Assert.True(changed.TryRead(verp.Of(Message, 3), out _, out _));
        Assert.False(verp.TryRead(changed.Of(Message, 3), out _, out _));
    }

    [Fact]
    public void Without_a_domain_nothing_is_ours()
    {
        Assert.False(Verp.Off.IsOn);
        Assert.False(Verp.Off.TryRead(verp.Of(Message, 3), out _, out _));
    }
}
