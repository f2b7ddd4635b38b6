using System.Text;
using System.Text.RegularExpressions;

namespace Relay.SmtpIngress.Tests;

/// <summary>Every conversation of <c>dialogs/</c>, over a real socket.</summary>
public sealed partial class DialogTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "dialogs");

    public static TheoryData<string, Chunking> Dialogs
    {
        get
        {
            var data = new TheoryData<string, Chunking>();
            foreach (var path in Directory.GetFiles(Folder, "*.smtp").Order(StringComparer.Ordinal))
            {
                foreach (var chunking in DialogScript.Load(path).Chunkings)
                {
                    data.Add(Path.GetFileNameWithoutExtension(path), chunking);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Dialogs))]
    public async Task A_dialog_goes_as_written(string name, Chunking chunking)
    {
        var script = DialogScript.Load(Path.Combine(Folder, name + ".smtp"));
        await using var server = await TestServer.StartAsync(script.Server);
        server.Spool.FailAccepts(script.FailingAccepts);
        server.Spool.FailCreates(script.FailingContents);

        await using (var client = await server.ConnectAsync())
        {
            await TalkAsync(script, client, chunking);
        }

        Assert.Equal(string.Join('\n', script.Messages.Select(Describe)), string.Join('\n', server.Spool.Messages.Select(Describe)));
        await server.Server.DrainAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
        Assert.Equal(0, server.Spool.OpenContents);
    }

    private static async Task TalkAsync(DialogScript script, TestClient client, Chunking chunking)
    {
        if (chunking == Chunking.Whole)
        {
            await SendUpToHandshakeAsync(script.Steps, client);
        }

        foreach (var (index, step) in script.Steps.Index())
        {
            if (step.IsHandshake)
            {
                await client.SecureAsync();
                if (chunking == Chunking.Whole)
                {
                    await SendUpToHandshakeAsync(script.Steps.Skip(index + 1), client);
                }
            }
            else if (step.Expect is not null)
            {
                await ExpectAsync(client, step.Expect);
            }
            else if (chunking == Chunking.Line)
            {
                await client.SendAsync(step.Send);
            }
            else if (chunking == Chunking.Octet)
            {
                for (var i = 0; i < step.Send!.Length; i++)
                {
                    await client.SendAsync(step.Send.AsMemory(i, 1));
                }
            }
        }

        client.EndSending();
        Assert.Null(await client.ReadLineAsync());
    }

    private static Task SendUpToHandshakeAsync(IEnumerable<DialogStep> steps, TestClient client) =>
        client.SendAsync(steps.TakeWhile(step => !step.IsHandshake).SelectMany(step => step.Send ?? []).ToArray());

    private static async Task ExpectAsync(TestClient client, string expected)
    {
        if (expected == "(deaf)")
        {
            client.EndSending();
        }

        if (expected is "(extensions)" or "(challenge)")
        {
            Assert.StartsWith(expected == "(extensions)" ? "250 " : "334 ", await client.ReadReplyAsync());
            return;
        }

        var actual = await client.ReadLineAsync();
        if (expected is "(deaf)" or "(closed)")
        {
            Assert.Null(actual);
            return;
        }

        var pattern = Regex.Escape(expected)
            .Replace(@"\{host}", Regex.Escape(TestServer.HostName))
            .Replace(@"\{session}", "[0-9a-z]{10}")
            .Replace(@"\{id}", "[0-9a-f]{32}");
        Assert.True(actual is not null && Regex.IsMatch(actual, $"^{pattern}$"), $"expected '{expected}', got '{actual ?? "(closed)"}'");
    }

    private static string Describe(DialogMessage message) =>
        $"{message.Envelope}\n{Encoding.Latin1.GetString([.. message.Content])}";

    private static string Describe(Support.StoredMessage stored)
    {
        var envelope = stored.Message.Envelope;
        return $"<{envelope.ReversePath}> -> {string.Join(' ', envelope.Recipients.Select(path => $"<{path}>"))} " +
            $"{stored.Message.Origin.Protocol}\n{Encoding.Latin1.GetString(stored.ContentAsSent(TestServer.HostName))}";
    }
}
