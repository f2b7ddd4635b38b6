using Relay.Routing;
using Relay.Status;
using Relay.Support;
using Relay.Transport;

namespace Relay.Tests.Transport;

/// <summary>
/// What a remote server may do wrong, in each place of a session: the outcome for each recipient, how often the message was
/// taken and by whom, and whether the destination as a whole is at fault.
/// </summary>
public sealed class ChaosTests
{
    private static readonly string[] Recipients = ["one@example.com", "two@example.com"];

    public enum Break
    {
        /// <summary>Closes in place of the reply.</summary>
        CloseBefore,

        /// <summary>Closes after the reply.</summary>
        CloseAfter,

        /// <summary>Resets the connection in place of the reply.</summary>
        ResetBefore,
    }

    public static MatrixTheoryData<Place, Break, bool> Breaks => new(Enum.GetValues<Place>(), Enum.GetValues<Break>(), [false, true]);

    public static MatrixTheoryData<Place, bool> PlacesInTwoWays => new(Enum.GetValues<Place>(), [false, true]);

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task A_connection_that_breaks_loses_nothing_and_only_after_the_dot_may_it_double(Place place, Break way, bool pipelining)
    {
        await using var server = Start(place, (s, reply) => BreakAsync(s, reply, way), pipelining);
        await using var sending = new Sending();

        var outcome = await sending.ToAsync(server.Port, Sending.Hello, Recipients);

        var isTaken = place == Place.Quit || (place == Place.Dot && way == Break.CloseAfter);
        Assert.All(outcome.Recipients, r => r.Is(
            isTaken ? OutcomeKind.Delivered : OutcomeKind.Deferred,
            isTaken ? Reasons.Delivered : r.Reason == Reasons.ConnectFailed && place == Place.Greeting ? r.Reason : Reasons.ConnectionLost,
            isTaken ? 250 : 451));
        // Taken without a word of it: the next attempt makes a second one.
        Assert.Equal(place >= Place.Dot ? 1 : 0, Taken(server));
        var wasAnswered = place > Place.FirstRcpt || (place == Place.FirstRcpt && way == Break.CloseAfter);
        Assert.Equal(!wasAnswered, outcome.IsUnreachable);
    }

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task The_next_host_gets_what_a_broken_connection_has_surely_not_taken(Place place, Break way, bool pipelining)
    {
        await using var server = Start(place, (s, reply) => BreakAsync(s, reply, way), pipelining);
        await using var next = Start(Place.Quit, async (s, reply) =>
        {
            await s.SayAsync(reply);
            return true;
        }, pipelining);
        await using var sending = new Sending();

        var outcome = await sending.ToAsync([new HostPort("127.0.0.1", server.Port), new HostPort("127.0.0.1", next.Port)], Sending.Hello, Recipients);

        // With the dot sent and unanswered nobody knows, and the next host must not get a second one in the same attempt. A small
        // message goes with its dot in one piece, even to a server that is gone after its 354.
        var isUnknown = (place == Place.Dot && way != Break.CloseAfter) || (place == Place.Data && way == Break.CloseAfter);
        Assert.All(outcome.Recipients, r => r.Is(
            isUnknown ? OutcomeKind.Deferred : OutcomeKind.Delivered, isUnknown ? Reasons.ConnectionLost : Reasons.Delivered, isUnknown ? 451 : 250));
        Assert.Equal(place == Place.Data && isUnknown ? 0 : 1, Taken(server) + Taken(next));
    }

    public static TheoryData<Place, string, OutcomeKind, string> WrongReplies() => new()
    {
        { Place.Greeting, "354 go on", OutcomeKind.Deferred, Reasons.RemoteProtocolError },
        { Place.Greeting, "150 wait", OutcomeKind.Deferred, Reasons.RemoteProtocolError },
        { Place.Greeting, "HTTP/1.1 400 Bad Request", OutcomeKind.Deferred, Reasons.RemoteProtocolError },
        { Place.Greeting, "421 busy", OutcomeKind.Deferred, Reasons.RemoteTemporary },
        { Place.Greeting, "450 busy", OutcomeKind.Deferred, Reasons.RemoteTemporary },
        { Place.Greeting, "554 not you", OutcomeKind.Deferred, Reasons.ConnectFailed },
        { Place.Ehlo, "354 go on", OutcomeKind.Deferred, Reasons.RemoteProtocolError },
        { Place.Ehlo, "421 busy", OutcomeKind.Deferred, Reasons.RemoteTemporary },
        { Place.Ehlo, "450 busy", OutcomeKind.Deferred, Reasons.RemoteTemporary },
        { Place.Mail, "354 go on", OutcomeKind.Deferred, Reasons.RemoteProtocolError },
        { Place.Mail, "600 ok", OutcomeKind.Deferred, Reasons.RemoteProtocolError },
        { Place.Mail, "421 busy", OutcomeKind.Deferred, Reasons.RemoteTemporary },
        { Place.FirstRcpt, "354 go on", OutcomeKind.Deferred, Reasons.RemoteProtocolError },
        { Place.FirstRcpt, "421 busy", OutcomeKind.Deferred, Reasons.RemoteTemporary },
        { Place.SecondRcpt, "354 go on", OutcomeKind.Deferred, Reasons.RemoteProtocolError },
        { Place.SecondRcpt, "2 5 0", OutcomeKind.Deferred, Reasons.RemoteProtocolError },
        { Place.Data, "250 ok", OutcomeKind.Deferred, Reasons.RemoteProtocolError },
        { Place.Data, "221 bye", OutcomeKind.Deferred, Reasons.RemoteProtocolError },
        { Place.Data, "421 busy", OutcomeKind.Deferred, Reasons.RemoteTemporary },
        { Place.Dot, "354 go on", OutcomeKind.Deferred, Reasons.RemoteProtocolError },
        { Place.Dot, "421 busy", OutcomeKind.Deferred, Reasons.RemoteTemporary },
        { Place.Dot, "what?", OutcomeKind.Deferred, Reasons.RemoteProtocolError },
        { Place.Quit, "354 go on", OutcomeKind.Delivered, Reasons.Delivered },
        { Place.Quit, "what?", OutcomeKind.Delivered, Reasons.Delivered },
    };

    [Theory]
    [MemberData(nameof(WrongReplies))]
    public async Task A_reply_of_the_wrong_class_never_passes_for_a_right_one(Place place, string reply, OutcomeKind kind, string reason)
    {
        await using var server = Start(place, async (s, _) =>
        {
            await s.SayAsync(reply);
            await s.EndAsync();
            return false;
        });
        await using var sending = new Sending();

        var outcome = await sending.ToAsync(server.Port, Sending.Hello, Recipients);

        Assert.All(outcome.Recipients, r => Assert.Equal((kind, reason), (r.Kind, r.Reason)));
        Assert.Equal(place >= Place.Dot ? 1 : 0, Taken(server));
        // Nobody was answered before the reply to the first RCPT, and a reply that is none answers nobody.
        Assert.Equal(place <= Place.FirstRcpt, outcome.IsUnreachable);
    }

    [Theory]
    [MemberData(nameof(PlacesInTwoWays))]
    public async Task A_reply_of_a_megabyte_ends_the_session_in_every_place(Place place, bool inOneLine)
    {
        await using var server = Start(place, async (s, reply) =>
        {
            var code = reply[..3];
            try
            {
                await s.SayRawAsync(inOneLine
                    ? $"{code} {new string('x', 1024 * 1024)}\r\n"
                    : string.Concat(Enumerable.Repeat($"{code}-{new string('x', 58)}\r\n", 16 * 1024)) + $"{code} end\r\n");
                await s.EndAsync();
            }
            catch (IOException)
            {
                // The client has had enough.
            }

            return false;
        });
        await using var sending = new Sending();

        var outcome = await sending.ToAsync(server.Port, Sending.Hello, Recipients);

        Assert.All(outcome.Recipients, r => Assert.Equal(
            place == Place.Quit ? (OutcomeKind.Delivered, Reasons.Delivered) : (OutcomeKind.Deferred, Reasons.RemoteProtocolError), (r.Kind, r.Reason)));
        Assert.Equal(place >= Place.Dot ? 1 : 0, Taken(server));
    }

    [Theory]
    [MemberData(nameof(PlacesInTwoWays))]
    public async Task Replies_in_single_octets_are_replies_in_every_place(Place place, bool pipelining)
    {
        await using var server = Start(place, async (s, reply) =>
        {
            await s.TrickleAsync(reply);
            return true;
        }, pipelining);
        await using var sending = new Sending();

        var outcome = await sending.ToAsync(server.Port, Sending.Hello, Recipients);

        Assert.All(outcome.Recipients, r => r.Is(OutcomeKind.Delivered, Reasons.Delivered, 250));
        Assert.Equal(1, Taken(server));
    }

    [Fact]
    public async Task A_banner_after_two_minutes_is_waited_for()
    {
        var time = new TimerWatch();
        var hurry = new TaskCompletionSource();
        await using var server = Start(Place.Greeting, async (s, reply) =>
        {
            await hurry.Task;
            await s.SayAsync(reply);
            return true;
        });
        await using var sending = new Sending(time);
        var waits = time.NextTimer(SmtpTimeouts.Greeting);

        var sent = sending.ToAsync(server.Port, Sending.Hello, Recipients);
        await waits;
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.False(sent.IsCompleted);
        hurry.SetResult();

        Assert.All((await sent).Recipients, r => r.Is(OutcomeKind.Delivered, Reasons.Delivered, 250));
    }

    [Theory]
    [InlineData(TlsMode.Opportunistic)]
    [InlineData(TlsMode.Required)]
    public async Task A_certificate_of_another_name_keeps_back_only_what_must_go_under_TLS(TlsMode mode)
    {
        using var certificate = TestCertificate.For("other.example");
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("STARTTLS");
            try
            {
                await s.StartTlsAsync(certificate);
                await s.EhloAsync();
                await s.TakeMessageAsync();
                await s.QuitAsync();
            }
            catch (Exception) when (mode == TlsMode.Required)
            {
                // The client does not go on.
            }
        });
        await using var sending = new Sending(settings: new(Sending.HostName, TimeProvider.System) { Trust = TestCertificate.Trusting(certificate) }) { Tls = mode };

        var outcome = await sending.ToAsync(server.Port, Sending.Hello, "one@example.com");

        outcome.Recipients[0].Is(
            mode == TlsMode.Required ? OutcomeKind.Deferred : OutcomeKind.Delivered, mode == TlsMode.Required ? Reasons.TlsRequired : Reasons.Delivered,
            mode == TlsMode.Required ? 451 : 250);
        Assert.Equal(mode == TlsMode.Required, outcome.IsUnreachable);
    }

    private static ScriptedSmtpServer Start(Place place, Func<ScriptedSmtpSession, string, Task<bool>> fault, bool pipelining = false) =>
        ScriptedSmtpServer.Start(new ChaosScript(place, fault, pipelining).PlayAsync);

    private static int Taken(ScriptedSmtpServer server) => server.Sessions.Sum(s => s.RawContents.Count);

    private static async Task<bool> BreakAsync(ScriptedSmtpSession s, string reply, Break way)
    {
        if (way == Break.CloseAfter)
        {
            await s.SayAsync(reply);
        }

        if (way == Break.ResetBefore)
        {
            s.Reset();
        }
        else
        {
            s.Drop();
        }

        return false;
    }
}
