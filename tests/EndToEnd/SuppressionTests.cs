using System.Text;
using Relay.Cli;
using Relay.Options;
using Relay.Status;
using Relay.Support;

namespace Relay.EndToEnd;

/// <summary>An address that does not exist: a whole relay, a server that says so, and the command line beside them.</summary>
public sealed class SuppressionTests
{
    private const string Suppressed = "550 5.1.1 Recipient is on the suppression list of this relay";
    private static readonly byte[] Hello = Encoding.ASCII.GetBytes("Subject: hello\r\n\r\nhello\r\n");

    [Fact]
    public async Task What_bounced_for_good_is_refused_at_once_until_a_command_removes_it()
    {
        var exists = false;
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync();
            if (exists)
            {
                await s.TakeMessageAsync();
            }
            else
            {
                await s.ExpectAsync("MAIL", "250 2.1.0 ok");
                await s.ExpectAsync("RCPT", "550 5.1.1 No such user");
            }

            await s.QuitAsync();
        });
        using var folder = new TemporaryFolder();
        await using var relay = await WholeRelay.StartAsync(
            o => o with { Routes = [WholeRelay.Smarthost(server.Port)], Delivery = new DeliveryOptions { ConnectionIdle = TimeSpan.Zero } }, folder.Path);

        var first = await relay.FinalAsync(await relay.AcceptAsync(Hello, "app@example.com", "Gone@example.net"));
        Assert.Equal(RecipientState.Bounced, Assert.Single(first.Recipients).State);
        Assert.Equal(Suppressed, await relay.RcptAsync("gone@example.net"));

        exists = true;
        Assert.Equal("Mail to gone@example.net is sent again.\n", await CommandAsync(folder.Path, "suppression", "remove", "gone@example.net"));
        await UntilAsync(async () => await relay.RcptAsync("gone@example.net") != Suppressed);
        var second = await relay.FinalAsync(await relay.AcceptAsync(Hello, "app@example.com", "gone@example.net"));
        Assert.Equal(RecipientState.Delivered, Assert.Single(second.Recipients).State);
    }

    [Fact]
    public async Task A_domain_that_a_command_adds_is_taken_from_strangers_without_a_restart()
    {
        using var folder = new TemporaryFolder();
        await using var relay = await WholeRelay.StartAsync(o => o with { Smtp = o.Smtp with { TrustedNetworks = [] } }, folder.Path);
        Assert.StartsWith("550 5.7.1", await relay.RcptAsync("info@example.com"));

        await CommandAsync(folder.Path, "domain", "add", "example.com");
        await UntilAsync(async () => (await relay.RcptAsync("info@example.com")).StartsWith("250 "));

        await CommandAsync(folder.Path, "domain", "remove", "example.com");
        await UntilAsync(async () => (await relay.RcptAsync("info@example.com")).StartsWith("550 5.7.1"));
    }

    /// <summary>The relay looks once a second; a test that waits in vain is ended by name.</summary>
    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        while (!await isSo())
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    private static async Task<string> CommandAsync(string data, params string[] args)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter());
        var exitCode = await RelayCommand.RunAsync([.. args, "--data", data], new Surroundings
        {
            Out = output,
            Error = error,
            OpenInput = () => Stream.Null,
            OpenOutput = () => Stream.Null,
            Environment = new Dictionary<string, string>(),
            WorkingFolder = data,
            Time = TimeProvider.System,
            Random = new Random(1),
        }, default);
        Assert.Equal((0, ""), (exitCode, error.ToString()));
        return output.ToString();
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("relay-suppression-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
