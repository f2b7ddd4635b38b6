using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Accounts;
using Relay.Addresses;
using Relay.Checks;
using Relay.Mail;
using Relay.Options;
using Relay.Replies;
using Relay.Routing;
using Relay.SmtpIngress;
using Relay.Spool;
using Relay.Support;

namespace Relay.Fuzz;

/// <summary>What came of a session.</summary>
internal sealed record Transcript(byte[] Output, IReadOnlyList<StoredMessage> Stored, int OpenContents, string? Fault);

/// <summary>Runs one session to its end, in this thread, before a spool in memory.</summary>
internal static class SessionRun
{
    public const string HostName = "relay.test";

    /// <summary>Longer contents are refused: some are.</summary>
    public const int MaxMessageSize = 8 * 1024;

    /// <summary>No session of this size takes as long, however slow the machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly RelayOptions Options = new()
    {
        HostName = HostName,
        Data = "unused",
        Smtp = new SmtpOptions { MaxMessageSize = MaxMessageSize, MaxRecipients = 5, AuthWithoutTls = [IPNetwork.Parse("127.0.0.0/8")] },
    };

    private static readonly Listener Listener = new(new ListenerOptions { Address = new IPEndPoint(IPAddress.Loopback, 25) }, CheckModes.Off);

    /// <summary>Somebody can sign in, so that AUTH goes all its way; nobody's password is guessed.</summary>
    private static readonly Authenticator Authenticator = new(
        new MemoryAccounts(), new AuthOptions(), TimeProvider.System, NullLogger<Authenticator>.Instance, tokens: null);

    private static readonly IPAddress Stranger = IPAddress.Parse("192.0.2.1");

    public static async Task<Transcript> RunAsync(ClientSession client)
    {
        await using var spool = new MemorySpool();
        spool.FailAccepts(client.Trouble == SpoolTrouble.FirstAccept ? 1 : 0);
        spool.FailCreates(client.Trouble == SpoolTrouble.FirstCreate ? 1 : 0);
        var log = new FaultLog(client.LogsCommands);
        var intake = new Intake(spool, Options, TimeProvider.System, log);
        var suppressed = new SuppressedAtDoor(new SuppressedRecipients(EmptyAddressBook.Instance, Options));
        var context = new SessionContext(Options, intake, new OpenRelay(), suppressed, CheckRunner.None, Authenticator, selectCertificate: null, new HurriedTime(), log);
        await using var connection = new MemoryConnection(client.IsTrusted ? IPAddress.Loopback : Stranger);

        var session = new SmtpSession(connection, Listener, context).RunAsync();
        foreach (var chunk in client.Chunks())
        {
            if (connection.IsClosed)
            {
                break;
            }

            await connection.SendAsync(chunk);
        }

        connection.EndInput();
        try
        {
            await session.WaitAsync(Patience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            log.Add("hang: the session goes on after its input has ended");
        }
        catch (Exception e)
        {
            log.Add($"the session threw {e}");
        }

        return new Transcript(
            connection.Received(), [.. spool.Messages], spool.OpenContents, log.Fault);
    }

    /// <summary>Who waits for a time is woken at once: the answer to a wrong password must not slow the run.</summary>
    private sealed class HurriedTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : TimeSpan.Zero, period);
    }

    /// <summary>Takes everything from everybody: an untrusted client must get as far as its content.</summary>
    private sealed class OpenRelay : IRelayPolicy
    {
        public SmtpReply? Refuse(in RouteQuery query, bool mayRelay) => null;
    }
}
