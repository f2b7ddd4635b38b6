using Relay.Support;

namespace Relay.Tests.Transport;

/// <summary>Where in a session something goes wrong: at the greeting, or at the reply to a command.</summary>
public enum Place
{
    Greeting,
    Ehlo,
    Mail,
    FirstRcpt,
    SecondRcpt,
    Data,
    Dot,
    Quit,
}

/// <summary>A server that takes a message for two recipients, but for what it does in one place instead of giving its reply.</summary>
/// <param name="place">Where.</param>
/// <param name="fault">What, given the reply that should have been; true when the session goes on as if nothing was.</param>
/// <param name="pipelining">It offers PIPELINING.</param>
internal sealed class ChaosScript(Place place, Func<ScriptedSmtpSession, string, Task<bool>> fault, bool pipelining)
{
    public async Task PlayAsync(ScriptedSmtpSession s)
    {
        (Place Place, string Command, string Reply)[] steps =
        [
            (Place.Ehlo, "EHLO", pipelining ? "250-chaos.test\r\n250 PIPELINING" : "250 chaos.test"),
            (Place.Mail, "MAIL", "250 2.1.0 ok"),
            (Place.FirstRcpt, "RCPT", "250 2.1.5 ok"),
            (Place.SecondRcpt, "RCPT", "250 2.1.5 ok"),
            (Place.Data, "DATA", "354 go on"),
            (Place.Dot, ".", "250 2.0.0 taken"),
            (Place.Quit, "QUIT", "221 2.0.0 bye"),
        ];
        if (!await AnswerAsync(s, Place.Greeting, "220 chaos.test ESMTP"))
        {
            return;
        }

        foreach (var step in steps)
        {
            _ = step.Command == "." ? await s.ReadContentAsync() : System.Text.Encoding.ASCII.GetBytes(await s.ExpectAsync(step.Command));
            if (!await AnswerAsync(s, step.Place, step.Reply))
            {
                return;
            }
        }

        await s.HangAsync();
    }

    private async Task<bool> AnswerAsync(ScriptedSmtpSession s, Place now, string reply)
    {
        if (now == place)
        {
            return await fault(s, reply);
        }

        await s.SayAsync(reply);
        return true;
    }
}
