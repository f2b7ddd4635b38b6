using Relay.Routing;

namespace Relay.Tests.Options;

public sealed class FinalRouteOptionsTests : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Mailboxes_and_webhooks_are_read()
    {
        folder.WriteConfiguration("""
        { "Routes": [
          { "Kind": "mailbox", "Recipients": ["a.example"], "Path": "/var/mail/{domain}/{local}" },
          { "Kind": "mailbox", "Recipients": ["b.example"], "Format": "blob", "Path": "{domain}/{local}", "Container": "https://x.blob.core.windows.net/mail" },
          { "Kind": "webhook", "Url": "https://hook.example/in", "Secret": "s3cret", "Format": "json", "Timeout": "5s", "AllowPrivate": true }
        ] }
        """);

        var routes = folder.LoadValid().Routes;

        Assert.Equal(new MailboxRoute { Path = "/var/mail/{domain}/{local}" }, routes[0].Mailbox);
        Assert.Equal(new MailboxRoute { Format = MailboxFormat.Blob, Container = new Uri("https://x.blob.core.windows.net/mail") }, routes[1].Mailbox);
        Assert.Equal(new WebhookRoute
        {
            Url = new Uri("https://hook.example/in"),
            Secret = "s3cret",
            Format = WebhookFormat.Json,
            Timeout = TimeSpan.FromSeconds(5),
            AllowPrivate = true,
        }, routes[2].Webhook);
    }

    [Theory]
    [InlineData("""{ "Kind": "mailbox" }""", "Routes:0:Path")]
    [InlineData("""{ "Kind": "mailbox", "Path": "/var/mail/{domain}" }""", "Routes:0:Path")]
    [InlineData("""{ "Kind": "mailbox", "Path": "{local}", "Format": "json" }""", "Routes:0:Format")]
    [InlineData("""{ "Kind": "mailbox", "Path": "{local}", "Format": "blob" }""", "Routes:0:Container")]
    [InlineData("""{ "Kind": "mailbox", "Path": "{local}", "Container": "https://x/y" }""", "Routes:0:Container")]
    [InlineData("""{ "Kind": "webhook", "Url": "https://x/", "Secret": "s", "Format": "mbox" }""", "Routes:0:Format")]
    [InlineData("""{ "Kind": "webhook", "Url": "http://x/", "Secret": "s" }""", "Routes:0:Url")]
    [InlineData("""{ "Kind": "webhook", "Url": "https://localhost/", "Secret": "s" }""", "Routes:0:Url")]
    [InlineData("""{ "Kind": "webhook", "Url": "https://x/" }""", "Routes:0:Secret")]
    [InlineData("""{ "Kind": "webhook", "Url": "https://x/", "Secret": "whsec_*" }""", "Routes:0:Secret")]
    [InlineData("""{ "Kind": "mx", "Url": "https://x/" }""", "Routes:0:Url")]
    public void What_cannot_be_meant_is_a_fault(string route, string key)
    {
        folder.WriteConfiguration($$"""{ "Routes": [{{route}}] }""");

        Assert.Equal(key, Assert.Single(folder.Load().Faults).Key);
    }
}
