using Relay.Replies;
using Relay.Routing;

namespace Relay.Tests.Options;

/// <summary>The conditions and the words of routes.</summary>
public sealed class RouteOptionsTests : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void All_conditions_are_read()
    {
        folder.WriteConfiguration("""
        {
          "Estate": "dev",
          "Routes": [
            {
              "Kind": "capture", "Recipients": ["example.com"], "Senders": ["<>", "*.example.org"], "Accounts": ["app", "*"],
              "MinSize": "1KB", "MaxSize": "10MB", "Headers": ["List-Id: *news*", "X-Empty:"], "Estates": ["dev", "test"],
              "AllowedRecipients": ["me@example.com"]
            }
          ]
        }
        """);

        var options = folder.LoadValid();

        Assert.Equal("dev", options.Estate);
        var route = Assert.Single(options.Routes);
        Assert.Equal(["<>", "*.example.org"], route.Senders);
        Assert.Equal(["app", "*"], route.Accounts);
        Assert.Equal((1024, 10 * 1024 * 1024), (route.MinSize, route.MaxSize));
        Assert.Equal(["List-Id: *news*", "X-Empty: "], route.Headers.Select(pattern => pattern.ToString()));
        Assert.Equal(["dev", "test"], route.Estates);
        Assert.Equal(["me@example.com"], route.Capture!.AllowedRecipients);
    }

    [Fact]
    public void A_route_without_conditions_takes_all()
    {
        folder.WriteConfiguration("""{ "Routes": [{ "Kind": "mx" }] }""");

        var route = Assert.Single(folder.LoadValid().Routes);

        Assert.Equal(["*"], route.Recipients);
        Assert.Equal((0, long.MaxValue, 0, 0, 0, 0),
            (route.MinSize, route.MaxSize, route.Senders.Count, route.Accounts.Count, route.Headers.Count, route.Estates.Count));
    }

    [Fact]
    public void A_route_without_recipients_is_there_for_others_to_fall_back_on()
    {
        folder.WriteConfiguration("""{ "Routes": [{ "Name": "a", "Kind": "webhook", "Url": "https://hook.example/", "Secret": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "Fallback": "b" }, { "Name": "b", "Kind": "capture", "Recipients": [] }] }""");

        Assert.Empty(folder.LoadValid().Routes[1].Recipients);
    }

    [Theory]
    [InlineData("here", "here", null)]
    [InlineData("here", "there", "Routes:0:Fallback")]
    [InlineData("there", "there", null)]
    public void A_fallback_holds_where_its_route_does(string estate, string ofFallback, string? fault)
    {
        folder.WriteConfiguration($$"""
        {
          "Estate": "here",
          "Routes": [
            { "Name": "a", "Kind": "webhook", "Url": "https://hook.example/", "Secret": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "Estates": ["{{estate}}"], "Fallback": "b" },
            { "Name": "b", "Kind": "capture", "Estates": ["{{ofFallback}}"] }
          ]
        }
        """);

        Assert.Equal(fault is null ? [] : [fault], folder.Load().Faults.Select(f => f.Key));
    }

    [Theory]
    [InlineData("reject", "550 5.7.1 Not here", 550, "5.7.1", "Not here")]
    [InlineData("reject", "450 4.2.1  Later", 450, "4.2.1", "Later")]
    [InlineData("discard", "250 2.0.0 Thank you", 250, "2.0.0", "Thank you")]
    public void A_reply_is_read(string kind, string reply, int code, string status, string text)
    {
        folder.WriteConfiguration($$"""{ "Routes": [{ "Kind": "{{kind}}", "Reply": "{{reply}}" }] }""");

        var words = Assert.Single(folder.LoadValid().Routes).Reject!.Reply;

        Assert.Equal((code, status, text), (words.Code, words.Enhanced.ToString(), words.Text));
    }

    [Fact]
    public void Without_a_reply_there_are_generic_words()
    {
        folder.WriteConfiguration("""{ "Routes": [{ "Kind": "reject", "Recipients": ["a.example"] }, { "Kind": "discard" }] }""");

        var routes = folder.LoadValid().Routes;

        Assert.Equal(new SmtpReply(550, 7, 1, "Mail to this recipient is refused"), routes[0].Reject!.Reply);
        Assert.Equal(new SmtpReply(250, 0, 0, "Discarded"), routes[1].Reject!.Reply);
    }

    [Theory]
    [InlineData("""{ "Kind": "mx", "MinSize": "2MB", "MaxSize": "1MB" }""", "MinSize", "no message has at least this size and at most Routes:0:MaxSize")]
    [InlineData("""{ "Kind": "mx", "MaxSize": "0" }""", "MaxSize", "allowed is octets")]
    [InlineData("""{ "Kind": "mx", "Senders": ["x@"] }""", "Senders:0", "allowed is <> (the null reverse-path)")]
    [InlineData("""{ "Kind": "mx", "Senders": [] }""", "Senders", "allowed is a list of at least one")]
    [InlineData("""{ "Kind": "mx", "Accounts": ["a b"] }""", "Accounts:0", "allowed is * (whoever is signed in)")]
    [InlineData("""{ "Kind": "mx", "Headers": ["Subject"] }""", "Headers:0", "allowed is the name of a field")]
    [InlineData("""{ "Kind": "mx", "Headers": ["Sub ject: x"] }""", "Headers:0", "allowed is the name of a field")]
    [InlineData("""{ "Kind": "mx", "Estates": ["dev"] }""", "Estates", "a route for some estates needs the name of this one")]
    [InlineData("""{ "Kind": "mx", "Name": "Aliases" }""", "Name", "Aliases is the name of the route of aliases")]
    [InlineData("""{ "Kind": "mx", "Reply": "550 5.7.1 No" }""", "Reply", "only reject and discard routes have it")]
    [InlineData("""{ "Kind": "mx", "AllowedRecipients": ["*"] }""", "AllowedRecipients", "only capture routes have it")]
    [InlineData("""{ "Kind": "reject", "Reply": "250 2.0.0 Fine" }""", "Reply", "a reject route refuses")]
    [InlineData("""{ "Kind": "discard", "Reply": "550 5.7.1 No" }""", "Reply", "a discard route takes the mail")]
    [InlineData("""{ "Kind": "reject", "Reply": "550 4.7.1 No" }""", "Reply", "allowed is a reply code")]
    [InlineData("""{ "Kind": "reject", "Reply": "550 No" }""", "Reply", "allowed is a reply code")]
    [InlineData("""{ "Kind": "reject", "Reply": "550 5.7.1" }""", "Reply", "allowed is a reply code")]
    [InlineData("""{ "Kind": "reject", "Reply": "421 4.7.1 Away" }""", "Reply", "allowed is a reply code")]
    [InlineData("""{ "Kind": "reject", "Reply": "550 5.7.1 a\nb" }""", "Reply", "allowed is a reply code")]
    [InlineData("""{ "Kind": "reject", "Reply": "550 5.7.1 ä" }""", "Reply", "allowed is a reply code")]
    public void Conditions_and_words_that_cannot_be_meant_are_faults(string route, string key, string problem)
    {
        folder.WriteConfiguration($$"""{ "Routes": [{{route}}] }""");

        var fault = Assert.Single(folder.Load().Faults);

        Assert.Equal($"Routes:0:{key}", fault.Key);
        Assert.StartsWith(problem, fault.Problem);
    }

    [Fact]
    public void All_faults_of_a_route_are_told_at_once()
    {
        folder.WriteConfiguration("""
        {
          "Routes": [
            { "Kind": "reject", "MinSize": "2MB", "MaxSize": "1MB", "Headers": [": x"], "Senders": ["@"], "Reply": "gone", "Fallback": "nowhere" }
          ]
        }
        """);

        Assert.Equal(
            ["Routes:0:MinSize", "Routes:0:Senders:0", "Routes:0:Headers:0", "Routes:0:Fallback", "Routes:0:Reply"],
            folder.Load().Faults.Select(fault => fault.Key).OrderBy(Place));

        static int Place(string key) => Array.FindIndex(["MinSize", "Senders", "Headers", "Fallback", "Reply"], part => key.Contains(part));
    }
}
