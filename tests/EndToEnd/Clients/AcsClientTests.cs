using System.Text.Json;
using Relay.Support;

namespace Relay.EndToEnd.Clients;

/// <summary>
/// The service's own client against the stub that the tests of the acs route use: what it says must be understood there, or the stub
/// keeps another contract than the service. <c>npm ci</c> in tests/EndToEnd installs it.
/// </summary>
public sealed class AcsClientTests
{
    [Fact]
    public async Task The_stub_understands_the_services_own_client()
    {
        var node = Needs.Program("node", "Node.js");
        var folder = Path.Combine(SourceTree.Root, "tests", "EndToEnd");
        Needs.File(Path.Combine(folder, "node_modules", "@azure", "communication-email", "package.json"), "npm ci in tests/EndToEnd");
        await using var stub = await AcsStub.StartAsync();
        (stub.FirstStatus, stub.RetryAfter) = ("Succeeded", "0");
        var operation = Guid.NewGuid().ToString();

        var said = await Client.SucceedAsync(
            node,
            [
                Path.Combine(folder, "Clients", "acs.mjs"),
                JsonSerializer.Serialize(new
                {
                    connection = stub.ConnectionString,
                    operation,
                    message = new
                    {
                        senderAddress = "app@example.com",
                        content = new { subject = "Grüße", plainText = "text", html = "<p>text</p>" },
                        recipients = new
                        {
                            to = new[] { new { address = "a@example.net", displayName = "Ann" } },
                            bcc = new[] { new { address = "b@example.net" } },
                        },
                        replyTo = new[] { new { address = "r@example.com" } },
                        headers = new Dictionary<string, string> { ["X-A"] = "1" },
                        attachments = new[] { new { name = "a.bin", contentType = "application/octet-stream", contentInBase64 = "AAEC", contentId = "x" } },
                        disableUserEngagementTracking = true,
                    },
                }),
            ]);

        Assert.Equal($"{operation} Succeeded", said.Trim());
        var mail = Assert.Single(stub.Mails);
        Assert.Equal(operation, mail.Operation);
        Assert.Equal(["a@example.net", "b@example.net"], mail.Everybody);
        Assert.Equal(
            ["attachments", "content", "headers", "recipients", "replyTo", "senderAddress", "userEngagementTrackingDisabled"],
            mail.Email.EnumerateObject().Select(p => p.Name).Order());
    }
}
