namespace Relay.EndToEnd.Clients;

/// <summary>Postfix as a client: Relay is its relayhost, with verified TLS and SASL.</summary>
public sealed class PostfixTests
{
    [Theory]
    [InlineData("", true)] // Its own choice: the strongest that both know.
    [InlineData("plain", true)]
    [InlineData("login", true)]
    [InlineData("scram-sha-256", true)]
    [InlineData("plain", false)]
    public async Task Postfix_signs_in_over_tls(string mechanism, bool startTls)
    {
        await using var relay = await ClientRelay.StartAsync();
        await using var postfix = await PostfixClient.StartAsync(relay, mechanism, startTls);

        await postfix.SendAsync(Letter.Lf, ClientRelay.Account, ClientRelay.OtherRecipient);

        // It is a mail server too, and writes a Received field of its own before the rest.
        var content = (await relay.ReceivedAsync("ESMTPSA")).Content;
        Assert.True(content.AsSpan().StartsWith("Received: by postfix.test"u8));
        Assert.Equal(Letter.CrLf, content[^Letter.CrLf.Length..]);
    }
}
