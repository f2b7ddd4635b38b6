using Relay.Mail;
using Relay.Routing;

namespace Relay.Tests.Routing;

public sealed class RouterTests
{
    [Theory]
    [InlineData("*", "a@example.com", true)]
    [InlineData("*", "a@[192.0.2.1]", true)]
    [InlineData("example.com", "a@example.com", true)]
    [InlineData("Example.COM", "a@eXample.com", true)]
    [InlineData("example.com", "a@sub.example.com", false)]
    [InlineData("example.com", "a@notexample.com", false)]
    [InlineData("*.example.com", "a@sub.example.com", true)]
    [InlineData("*.example.com", "a@SUB.sub.Example.com", true)]
    [InlineData("*.example.com", "a@example.com", false)]
    [InlineData("*.example.com", "a@notexample.com", false)]
    [InlineData("user@example.com", "User@Example.com", true)]
    [InlineData("user@example.com", "user@sub.example.com", false)]
    [InlineData("user@example.com", "other@example.com", false)]
    [InlineData("user@example.com", "xuser@example.com", false)]
    [InlineData("\"a b\"@example.com", "\"a b\"@example.com", true)]
    [InlineData("[192.0.2.1]", "a@[192.0.2.1]", true)]
    [InlineData("*.1]", "a@[192.0.2.1]", true)]
    [InlineData("bücher.example", "a@bücher.example", true)]
    [InlineData("bücher.example", "a@BÜCHER.example", true)]
    [InlineData("bücher.example", "a@xn--bcher-kva.example", true)]
    [InlineData("xn--bcher-kva.example", "a@bücher.example", true)]
    [InlineData("*.bücher.example", "a@sub.xn--bcher-kva.example", true)]
    [InlineData("user@bücher.example", "user@xn--bcher-kva.example", true)]
    [InlineData("jürgen@bücher.example", "jürgen@xn--bcher-kva.example", true)]
    [InlineData("example.com", "\"@example.com\"@other.example", false)]
    [InlineData("*.example.com", "\"a@x.example.com\"@other.example", false)]
    public void A_pattern_matches_what_it_says(string pattern, string recipient, bool matches)
    {
        var router = new Router([Route("only", pattern)]);

        Assert.Equal(matches, router.Find(new(Parse(recipient))).Route is not null);
    }

    [Fact]
    public void The_first_route_that_matches_is_taken()
    {
        var router = new Router([Route("a", "x.example", "user@example.com"), Route("b", "example.com"), Route("c", "*")]);

        Assert.Equal("a", router.Find(new(Parse("user@example.com"))).Route!.Name);
        Assert.Equal("b", router.Find(new(Parse("other@example.com"))).Route!.Name);
        Assert.Equal("c", router.Find(new(Parse("user@elsewhere.example"))).Route!.Name);
    }

    [Fact]
    public void Nothing_matches_where_there_is_nothing()
    {
        Assert.Null(new Router([]).Find(new(Parse("a@example.com"))).Route);
        Assert.Null(new Router([Route("empty")]).Find(new(Parse("a@example.com"))).Route);
    }

    [Fact]
    public void A_route_is_found_by_name_without_case_and_gone_ones_are_not()
    {
        var router = new Router([Route("Main", "*")]);

        Assert.Equal("Main", router.Named("main")?.Name);
        Assert.Null(router.Named("other"));
        Assert.Null(router.Named(null));
    }

    [Fact]
    public void Only_under_an_MX_route_does_every_domain_go_its_own_way()
    {
        var mx = Route("mx", "*") with { Kind = RouteKind.Mx };

        Assert.Equal(Router.Destination(mx, Parse("a@Example.com")), Router.Destination(mx, Parse("b@example.COM")));
        Assert.Equal(Router.Destination(mx, Parse("a@Bücher.example")), Router.Destination(mx, Parse("b@xn--bcher-kva.example")));
        Assert.NotEqual(Router.Destination(mx, Parse("a@example.com")), Router.Destination(mx, Parse("a@example.org")));
        foreach (var kind in new[] { RouteKind.Capture, RouteKind.Discard, RouteKind.Smarthost })
        {
            var route = mx with { Kind = kind };
            Assert.Equal(Router.Destination(route, Parse("a@example.com")), Router.Destination(route, Parse("a@example.org")));
        }
    }

    private static Route Route(string name, params string[] patterns) =>
        new() { Name = name, Kind = RouteKind.Capture, Recipients = patterns };

    private static Mailbox Parse(string text) => Mailbox.TryParse(text, out var mailbox) ? mailbox : throw new ArgumentException(text);
}
