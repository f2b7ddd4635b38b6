using System.Text;
using Relay.Mail;
using Relay.Routing;

namespace Relay.Tests.Routing;

/// <summary>What routes ask for beside the recipient.</summary>
public sealed class RouteConditionTests
{
    private static readonly Route Any = new() { Name = "only", Kind = RouteKind.Capture, Recipients = ["*"] };

    [Theory]
    [InlineData("<>", "", true)]
    [InlineData("<>", "a@example.com", false)]
    [InlineData("*", "", true)]
    [InlineData("*", "a@example.com", true)]
    [InlineData("example.com", "a@EXAMPLE.com", true)]
    [InlineData("example.com", "a@sub.example.com", false)]
    [InlineData("example.com", "", false)]
    [InlineData("*.example.com", "a@sub.example.com", true)]
    [InlineData("App@example.com", "app@example.com", true)]
    [InlineData("app@example.com", "xapp@example.com", false)]
    [InlineData("bücher.example", "a@xn--bcher-kva.example", true)]
    public void A_sender_is_matched_like_a_recipient_and_can_be_null(string pattern, string sender, bool matches) =>
        Assert.Equal(matches, Takes(Any with { Senders = ["other.example", pattern] }, Query() with
        {
            Sender = sender.Length == 0 ? ReversePath.Null : new ReversePath(Parse(sender)),
        }));

    [Theory]
    [InlineData("app", "app", true)]
    [InlineData("app", "APP", true)]
    [InlineData("app", "app2", false)]
    [InlineData("app", null, false)]
    [InlineData("*", "anybody", true)]
    [InlineData("*", null, false)]
    public void An_account_is_matched_by_name_or_as_whoever_is_signed_in(string name, string? account, bool matches) =>
        Assert.Equal(matches, Takes(Any with { Accounts = ["other", name] }, Query() with { Account = account }));

    [Theory]
    [InlineData(10, 20, 9, false)]
    [InlineData(10, 20, 10, true)]
    [InlineData(10, 20, 20, true)]
    [InlineData(10, 20, 21, false)]
    [InlineData(0, 20, 0, true)]
    [InlineData(10, long.MaxValue, 1L << 40, true)]
    public void Both_ends_of_a_size_are_within(long min, long max, long size, bool matches) =>
        Assert.Equal(matches, Takes(Any with { MinSize = min, MaxSize = max }, Query() with { Size = size }));

    [Theory]
    [InlineData("Subject: hello", "hello", true)]
    [InlineData("SUBJECT: HELLO", "hello", true)]
    [InlineData("Subject:hello", "hello ", true)]
    [InlineData("Subject: hello", "hello world", false)]
    [InlineData("Subject: hello*", "hello world", true)]
    [InlineData("Subject: *world", "hello world", true)]
    [InlineData("Subject: *lo*wo*", "hello world", true)]
    [InlineData("Subject: *wo*lo*", "hello world", false)]
    [InlineData("Subject: hel*lo world", "hello world", true)]
    [InlineData("Subject: hello*lo", "hello", false)]
    [InlineData("Subject: *", "", true)]
    [InlineData("Subject:", "", true)]
    [InlineData("Subject:", "x", false)]
    [InlineData("Subject: a?c", "abc", false)]
    [InlineData("Subject: *ÄPFEL*", "frische äpfel", true)]
    [InlineData("Subject: one two", "one\r\n two", true)]
    [InlineData("Subject: one*three", "one\r\n\ttwo\r\n three", true)]
    [InlineData("X-Other: *", "hello", false)]
    [InlineData("Subj: *", "hello", false)]
    public void A_field_is_matched_unfolded_and_without_case(string pattern, string subject, bool matches)
    {
        var header = Header($"From: a@example.com\r\nSubject: {subject}\r\n\r\nX-Other: body\r\n");

        Assert.Equal(matches, Takes(Any with { Headers = [Pattern(pattern)] }, Query() with { Header = header }));
    }

    [Fact]
    public void Any_field_of_that_name_and_any_pattern_of_the_list_will_do()
    {
        var header = Header("X-Tag: one\r\nX-Tag: two\r\n\r\n");

        Assert.True(Takes(Any with { Headers = [Pattern("X-Tag: two")] }, Query() with { Header = header }));
        Assert.True(Takes(Any with { Headers = [Pattern("X-None: *"), Pattern("X-Tag: one")] }, Query() with { Header = header }));
        Assert.False(Takes(Any with { Headers = [Pattern("X-None: *"), Pattern("X-Tag: three")] }, Query() with { Header = header }));
    }

    [Theory]
    [InlineData("Subject")]
    [InlineData(": value")]
    [InlineData("")]
    [InlineData("Sub ject: x")]
    [InlineData("Sübject: x")]
    [InlineData("Subject: a\tb")]
    public void What_is_no_field_is_no_pattern(string text) => Assert.False(HeaderPattern.TryParse(text, out _));

    [Theory]
    [InlineData("dev", "dev", true)]
    [InlineData("dev", "DEV", true)]
    [InlineData("dev", "test", false)]
    [InlineData("dev", null, false)]
    public void A_route_of_another_estate_is_passed_by(string ofRoute, string? estate, bool matches) =>
        Assert.Equal(matches, new Router([Any with { Estates = ["other", ofRoute] }], estate).Find(Query()).Route is not null);

    [Fact]
    public void All_conditions_must_hold()
    {
        var route = Any with { Recipients = ["example.net"], Senders = ["example.com"], Accounts = ["app"], MaxSize = 100, Headers = [Pattern("X: y")] };
        var query = Query() with
        {
            Sender = new ReversePath(Parse("a@example.com")),
            Account = "app",
            Size = 100,
            Header = Header("X: y\r\n\r\n"),
        };

        Assert.True(Takes(route, query));
        Assert.False(Takes(route, query with { Recipient = Parse("a@example.org") }));
        Assert.False(Takes(route, query with { Sender = ReversePath.Null }));
        Assert.False(Takes(route, query with { Account = "other" }));
        Assert.False(Takes(route, query with { Size = 101 }));
        Assert.False(Takes(route, query with { Header = Header("X: z\r\n\r\n") }));
    }

    [Fact]
    public void What_is_not_known_yet_may_match_and_what_fails_already_does_not()
    {
        var big = Any with { Name = "big", MinSize = 100 };
        var tagged = Any with { Name = "tagged", Headers = [Pattern("X: y")] };
        var rest = Any with { Name = "rest" };

        Assert.Equal((big, false), Found(new Router([big, rest]).Find(Query())));
        Assert.Equal((rest, true), Found(new Router([big, rest]).Find(Query() with { Size = 99 })));
        Assert.Equal((big, true), Found(new Router([big, rest]).Find(Query() with { Size = 100 })));
        Assert.Equal((tagged, false), Found(new Router([tagged, rest]).Find(Query() with { Size = 100 })));
        Assert.Equal((null, true), Found(new Router([big with { Senders = ["example.com"] }]).Find(Query())));
        Assert.Equal(
            (rest, true), Found(new Router([tagged with { MinSize = 100 }, rest]).Find(Query() with { Size = 1 })));
    }

    [Fact]
    public void At_the_door_a_refusal_that_is_not_sure_yet_decides_only_where_nothing_but_refusals_can_follow()
    {
        var maybe = Any with { Name = "maybe", Kind = RouteKind.Reject, Headers = [Pattern("X: y")] };
        var never = Any with { Name = "never", Kind = RouteKind.Reject };
        var big = Any with { Name = "big", MinSize = 100 };

        Assert.Equal("only", new Router([maybe, Any]).FindAtDoor(Query())!.Name);
        Assert.Equal("big", new Router([maybe, big, never]).FindAtDoor(Query())!.Name);
        Assert.Equal("never", new Router([maybe, never, Any]).FindAtDoor(Query())!.Name);
        Assert.Equal("never", new Router([maybe, big, never]).FindAtDoor(Query() with { Size = 99 })!.Name);
        Assert.Null(new Router([maybe]).FindAtDoor(Query()));
        Assert.Null(new Router([maybe, big]).FindAtDoor(Query() with { Size = 99 }));
    }

    [Fact]
    public void Who_is_allowed_goes_past_a_capture_route_to_the_next_that_matches()
    {
        var capture = Any with { Name = "capture", Capture = new CaptureRoute { AllowedRecipients = ["me@example.com", "*.real.example"] } };
        var router = new Router([capture, Any with { Name = "mx", Kind = RouteKind.Mx }]);

        Assert.Equal("mx", router.Find(new(Parse("ME@example.com"))).Route!.Name);
        Assert.Equal("mx", router.Find(new(Parse("a@x.real.example"))).Route!.Name);
        Assert.Equal("capture", router.Find(new(Parse("you@example.com"))).Route!.Name);
        Assert.Equal("capture", router.Find(new(Parse("a@real.example"))).Route!.Name);
    }

    [Fact]
    public void Each_route_says_which_condition_decides()
    {
        var router = new Router(
        [
            Any with { Name = "estate", Estates = ["dev"] },
            Any with { Name = "recipient", Recipients = ["example.org"], MinSize = 5 },
            Any with { Name = "allowed", Capture = new CaptureRoute { AllowedRecipients = ["*"] } },
            Any with { Name = "sender", Senders = ["example.org"] },
            Any with { Name = "account", Accounts = ["*"] },
            Any with { Name = "size", MaxSize = 5 },
            Any with { Name = "header", Headers = [Pattern("X: y")] },
            Any with { Name = "all" },
        ]);

        Assert.Equal(
            [
                (RouteMatch.No, RouteCondition.Estates), (RouteMatch.No, RouteCondition.Recipients), (RouteMatch.No, RouteCondition.AllowedRecipients),
                (RouteMatch.No, RouteCondition.Senders), (RouteMatch.No, RouteCondition.Accounts), (RouteMatch.No, RouteCondition.Size),
                (RouteMatch.Maybe, RouteCondition.Headers), (RouteMatch.Yes, RouteCondition.None),
            ],
            router.Explain(Query() with { Size = 6 }).Select(verdict => (verdict.Match, verdict.Condition)));
    }

    [Fact]
    public void What_was_forwarded_once_is_not_forwarded_again()
    {
        var router = new Router([Any with { Name = "forward", Kind = RouteKind.Forward }, Any]);

        Assert.Equal("forward", router.Find(Query()).Route!.Name);
        Assert.Equal("only", router.Find(Query() with { IsForwarded = true }).Route!.Name);
    }

    [Fact]
    public void The_route_of_aliases_is_found_by_its_name_alone()
    {
        var router = new Router([Any]);

        Assert.Same(Route.Aliases, router.Named("aliases"));
        Assert.Equal(Any, router.Find(Query()).Route);
    }

    private static (Route? Route, bool IsSure) Found(RouteChoice choice) => (choice.Route, choice.IsSure);

    private static bool Takes(Route route, RouteQuery query) => new Router([route]).Find(query) is { Route: not null, IsSure: true };

    private static RouteQuery Query() => new(Parse("a@example.net"));

    private static HeaderPattern Pattern(string text) => HeaderPattern.TryParse(text, out var pattern) ? pattern : throw new ArgumentException(text);

    private static MessageHeader Header(string text) => MessageHeader.Parse(Encoding.UTF8.GetBytes(text));

    private static Mailbox Parse(string text) => Mailbox.TryParse(text, out var mailbox) ? mailbox : throw new ArgumentException(text);
}
