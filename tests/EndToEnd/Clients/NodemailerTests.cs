using System.Text.Json;
using Relay.Support;

namespace Relay.EndToEnd.Clients;

/// <summary>nodemailer, the client of Node.js programs; <c>npm ci</c> in tests/EndToEnd installs it.</summary>
public sealed class NodemailerTests
{
    [Theory]
    [InlineData("PLAIN", true)]
    [InlineData("LOGIN", true)]
    [InlineData("PLAIN", false)]
    public async Task Nodemailer_signs_in_over_tls(string mechanism, bool startTls)
    {
        var node = Needs.Program("node", "Node.js");
        var folder = Path.Combine(SourceTree.Root, "tests", "EndToEnd");
        Needs.File(Path.Combine(folder, "node_modules", "nodemailer", "package.json"), "npm ci in tests/EndToEnd");
        await using var relay = await ClientRelay.StartAsync();
        var letter = await relay.WriteAsync("letter", Letter.CrLf);

        var response = await Client.SucceedAsync(
            node,
            [
                Path.Combine(folder, "Clients", "nodemailer.mjs"),
                JsonSerializer.Serialize(new
                {
                    port = startTls ? relay.StartTls : relay.Implicit,
                    secure = !startTls,
                    mechanism,
                    user = ClientRelay.Account,
                    certificate = relay.CertificateFile,
                    from = ClientRelay.Account,
                    to = ClientRelay.OtherRecipient,
                    letter,
                }),
            ],
            environment: ("NODEMAILER_PASSWORD", ClientRelay.Password));

        Assert.StartsWith("250 2.0.0 Accepted ", response);
        Assert.Equal(Letter.CrLf, (await relay.ReceivedAsync("ESMTPSA")).Content);
    }
}
