using Microsoft.Extensions.Time.Testing;
using Relay.Addresses;
using Relay.Forwarding;
using Relay.Mail;
using Relay.Routing;
using Relay.Status;
using Relay.Support;

namespace Relay.Tests.Forwarding;

/// <summary>From addresses to those who get their mail.</summary>
public sealed class ExpansionTests
{
    private static readonly FakeTimeProvider Time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private static readonly Srs Srs = new(ReturnPathSecrets.Of("a secret of the tests"), "relay.test", Time);

    [Theory]
    [InlineData("info@ours.example", "info@ours.example=a@x", "a@x")]
    [InlineData("INFO@Ours.Example", "info@ours.example=a@x", "a@x")]
    [InlineData("info@OURS.example", "info@ours.example=A@x,b@y,a@X", "A@x b@y")]
    [InlineData("other@ours.example", "info@ours.example=a@x", null)]
    [InlineData("info@below.ours.example", "info@ours.example=a@x; @ours.example=b@x", null)]
    [InlineData("info@bücher.example", "info@xn--bcher-kva.example=a@x", "a@x")]
    public void An_alias_is_found_without_case(string address, string aliases, string? targets) =>
        Assert.Equal(targets, Expand(address, aliases));

    [Theory]
    [InlineData("info@d=exact@x; @d=all@x", "info@d", "exact@x")]
    [InlineData("info@d=exact@x; @d=all@x", "sales@d", "all@x")]
    [InlineData("info+a@d=detail@x; info@d=exact@x; @d=all@x", "info+a@d", "detail@x")]
    [InlineData("info@d=exact@x; @d=all@x", "info+b@d", "exact+b@x")]
    [InlineData("@d=all@x", "info+b@d", "all@x")]
    public void The_whole_address_stands_before_the_one_without_detail_and_that_before_the_domain(string aliases, string address, string targets) =>
        Assert.Equal(targets, Expand(address, aliases));

    [Theory]
    [InlineData("info@d=a@x,b@y", "info+news@d", "a+news@x b+news@y")]
    [InlineData("info@d=a+own@x", "info+news@d", "a+own@x")]
    [InlineData("info@d=@x", "info+news@d", "info+news@x")]
    [InlineData("info@d=b@d; b@d=c@x", "info+news@d", "c+news@x")]
    [InlineData("+a@d=b@x; @d=c@x", "+a@d", "b@x")]
    [InlineData("@d=c@x", "+a@d", "c@x")]
    public void A_target_keeps_the_detail_unless_it_has_its_own(string aliases, string address, string targets) =>
        Assert.Equal(targets, Expand(address, aliases));

    [Theory]
    [InlineData("@d=@x", "info@d", "info@x")]
    [InlineData("@d=@x", "Info+News@d", "Info+News@x")]
    [InlineData("@d=@e; @e=@x", "info@d", "info@x")]
    [InlineData("@d=@e; info@e=a@x", "info@d", "a@x")]
    public void A_domain_as_target_keeps_the_local_part(string aliases, string address, string targets) =>
        Assert.Equal(targets, Expand(address, aliases));

    [Theory]
    [InlineData("a@d=b@d,c@d; b@d=x@x,y@y; c@d=y@y,z@z", "a@d", "x@x y@y z@z")]
    [InlineData("a@d=b@d,c@d; b@d=e@d; c@d=e@d; e@d=x@x", "a@d", "x@x")]
    [InlineData("a@d=b@d; b@d=c@d; c@d=e@d; e@d=x@x,a2@d", "a@d", "x@x a2@d")]
    public void Aliases_of_aliases_are_followed_to_the_end_and_nobody_gets_it_twice(string aliases, string address, string targets) =>
        Assert.Equal(targets, Expand(address, aliases));

    [Theory]
    [InlineData("a@d=a@d,x@x", "a@d", "a@d x@x")]
    [InlineData("a@d=A@D,x@x", "a@d", "A@D x@x")]
    [InlineData("b@d=a@d; a@d=a@d,x@x", "b@d", "a@d x@x")]
    [InlineData("a@d=a@d,b@d; b@d=a@d,x@x", "a@d", "a@d x@x")]
    [InlineData("@d=all@d", "info@d", "all@d")]
    [InlineData("a@d=a+x@d", "a@d", "a+x@d")]
    public void An_address_among_its_own_targets_stays(string aliases, string address, string targets) =>
        Assert.Equal(targets, Expand(address, aliases));

    [Theory]
    [InlineData("a@d=a@d", "a@d")]
    [InlineData("@d=@d", "a@d")]
    [InlineData("@d=all@d", "all@d")]
    [InlineData("a@d=a@d", "a+x@d")]
    public void An_address_that_leads_to_itself_alone_gets_its_mail_itself(string aliases, string address) =>
        Assert.Null(Expand(address, aliases));

    [Theory]
    [InlineData("a@d=b@d; b@d=a@d", "a@d")]
    [InlineData("a@d=b@d,x@x; b@d=c@d; c@d=b@d", "a@d")]
    [InlineData("@d=@e; @e=@d", "a@d")]
    [InlineData("a@d=x@x,b@d; b@d=y@y,a@d", "a@d")]
    public void A_circle_bounces(string aliases, string address) =>
        Assert.Equal("mail-loop 550 5.4.6 The address leads back to itself", Expand(address, aliases));

    [Fact]
    public void An_address_may_lead_through_a_thousand_others_and_no_more()
    {
        Assert.Equal("x@x", Expand("a0@d", Chain(1000)));
        Assert.Equal("route-cannot-carry 550 5.5.3 The address leads to too many others", Expand("a0@d", Chain(1001)));
    }

    [Fact]
    public void An_address_may_lead_to_a_thousand_others_and_no_more()
    {
        Assert.Equal(1000, Expand("a@d", Fan(1000))!.Split(' ').Length);
        Assert.Equal("route-cannot-carry 550 5.5.3 The address leads to too many others", Expand("a@d", Fan(1001)));
    }

    [Fact]
    public void The_address_book_stands_before_the_configuration_for_the_same_address_only()
    {
        var book = new MemoryAddressBook().Alias("a@d", "book@x").Alias("@e", "book@x");
        var expansion = new Expansion(
            new AliasTable([new Alias("a@d", ["configured@x"]), new Alias("b@e", ["configured@x"]), new Alias("@e", ["configured@x"])], book), Srs);

        Assert.Equal("book@x", Text(expansion.Expand(Of("a@d"))));
        Assert.Equal("configured@x", Text(expansion.Expand(Of("b@e"))));
        Assert.Equal("book@x", Text(expansion.Expand(Of("c@e"))));
    }

    [Fact]
    public void What_the_address_book_learns_holds_from_then_on()
    {
        var book = new MemoryAddressBook();
        var expansion = new Expansion(new AliasTable([], book), Srs);
        Assert.Null(expansion.Expand(Of("a@d")));

        book.Alias("a@d", "x@x");

        Assert.Equal("x@x", Text(expansion.Expand(Of("a@d"))));
    }

    [Theory]
    [InlineData("SRS0=Jh03=JM=example.com=user@relay.test", "", "user@example.com")]
    [InlineData("SRS0=Jh03=JM=example.com=user@relay.test", "user@example.com=new@x", "new@x")]
    [InlineData("SRS0=Jh03=JM=example.com=user@relay.test", "@relay.test=all@x", "user@example.com")]
    [InlineData("SRS0=bad0=JM=example.com=user@relay.test", "@relay.test=all@x", "no-route 550 5.1.1 This is no return path that this host has given out")]
    [InlineData("SRS0=Jh03=JM=example.com=user@elsewhere.test", "", null)]
    public void A_return_path_of_ours_leads_to_the_sender(string address, string aliases, string? targets) =>
        Assert.Equal(targets, Expand(address, aliases));

    [Theory]
    [InlineData("u@old.example", "@new.example", "u@new.example")]
    [InlineData("u+x@old.example", "@new.example,archive@new.example", "u+x@new.example archive@new.example")]
    [InlineData("u@old.example", "a@d", "x@x")]
    [InlineData("u@old.example", "u@old.example,a@d", "u@old.example x@x")]
    public void A_route_leads_to_its_targets_and_their_aliases(string address, string targets, string expected)
    {
        var expansion = new Expansion(Aliases("a@d=x@x"), Srs);

        Assert.Equal(expected, Text(expansion.Expand(Of(address), new ForwardRoute(targets.Split(',')))));
    }

    private static string Chain(int length) =>
        string.Join(';', Enumerable.Range(0, length).Select(i => $"a{i}@d={(i + 1 < length ? $"a{i + 1}@d" : "x@x")}"));

    private static string Fan(int width) => "a@d=" + string.Join(',', Enumerable.Range(0, width).Select(i => $"t{i}@x"));

    private static string? Expand(string address, string aliases) => Text(new Expansion(Aliases(aliases), Srs).Expand(Of(address)));

    /// <summary>Such as <c>a@d=b@d,x@x; @d=@e</c>.</summary>
    private static AliasTable Aliases(string text) => new(
        [.. text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(alias => alias.Split('=', 2)).Select(pair => new Alias(pair[0], pair[1].Split(',')))],
        EmptyAddressBook.Instance);

    private static string? Text(Expanded? expanded) => expanded switch
    {
        null => null,
        { Fault: { } fault } => $"{fault.Reason} {fault.Reply}",
        _ => string.Join(' ', expanded.Targets),
    };

    private static Mailbox Of(string address) => Mailbox.TryParse(address, out var mailbox) ? mailbox : throw new ArgumentException(address);
}
