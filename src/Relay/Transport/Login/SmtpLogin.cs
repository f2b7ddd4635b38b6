using System.Buffers;
using System.Text;
using Relay.Replies;
using Relay.Status;

namespace Relay.Transport.Login;

/// <summary>
/// Signs in on an open connection (RFC 4954 §4). Whatever goes wrong is about our credentials or this host, and never about a
/// recipient: the mail waits, and an operator sees why.
/// </summary>
internal static class SmtpLogin
{
    /// <summary>Challenges of one exchange at most: no mechanism has more.</summary>
    private const int MaxChallenges = 4;

    /// <summary>Throws <see cref="SmtpSessionException"/> when the host does not let us in.</summary>
    public static async Task RunAsync(SmtpConnection connection, HostLogin login, CancellationToken cancel)
    {
        var offered = connection.Capabilities.Auth;
        if (login.Choose(offered) is not { } mechanism)
        {
            throw Failed(new(ReplyCode.LocalError, 7, 0, offered.Count == 0
                ? $"{connection.Hop} does not offer AUTH{(connection.IsUnderTls ? "" : " without TLS")}"
                : $"{connection.Hop} offers AUTH {string.Join(' ', offered)}, none of which the route may use"));
        }

        if (!connection.IsUnderTls && !login.MayGoInClear && mechanism != "SCRAM-SHA-256")
        {
            throw new SmtpSessionException(
                Reasons.TlsRequired, new(ReplyCode.LocalError, 7, 11, $"A password goes to {connection.Hop} only under TLS"));
        }

        await ExchangeAsync(connection, await BeginAsync(login, mechanism, connection.Hop, cancel));
    }

    private static async Task<SaslClient> BeginAsync(HostLogin login, string mechanism, NextHop hop, CancellationToken cancel)
    {
        try
        {
            return await login.BeginAsync(mechanism, cancel);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Failed(new(ReplyCode.LocalError, 7, 0, $"No access token for {hop} is to be had: {e.Message}"), e);
        }
    }

    private static async Task ExchangeAsync(SmtpConnection connection, SaslClient client)
    {
        var begin = client.Begin();
        var reply = await SayAsync(connection.Channel, $"AUTH {client.Name}{(begin is null ? "" : " ")}{Encode(begin)}\r\n");
        for (var i = 0; i < MaxChallenges && reply.IsIntermediate; i++)
        {
            if (client.Answer(Decode(reply.Text)) is not { } answer)
            {
                // The one way out of an exchange (RFC 4954 §4).
                await SayAsync(connection.Channel, "*\r\n");
                throw Failed(new(ReplyCode.LocalError, 7, 0, $"{connection.Hop} does not speak {client.Name}, or does not know the password itself"));
            }

            reply = await SayAsync(connection.Channel, $"{(answer.Length == 0 ? "" : Encode(answer))}\r\n");
        }

        if (!reply.IsPositive)
        {
            throw Failed(reply);
        }

        if (!client.MayEnd)
        {
            throw Failed(new(ReplyCode.LocalError, 7, 0, $"{connection.Hop} did not show that it knows the password"));
        }
    }

    private static async Task<SmtpReply> SayAsync(SmtpChannel channel, string line)
    {
        Encoding.ASCII.GetBytes(line, channel);
        await channel.FlushAsync(SmtpTimeouts.Hello);
        return await channel.ReadReplyAsync(SmtpTimeouts.Hello);
    }

    /// <summary>An empty initial response is a single equals sign (RFC 4954 §4).</summary>
    private static string Encode(byte[]? octets) => octets switch
    {
        null => "",
        { Length: 0 } => "=",
        _ => Convert.ToBase64String(octets),
    };

    private static byte[] Decode(string text)
    {
        try
        {
            return Convert.FromBase64String(text.Trim());
        }
        catch (FormatException)
        {
            return [];
        }
    }

    private static SmtpSessionException Failed(SmtpReply reply, Exception? cause = null) => new(Reasons.LoginFailed, reply, cause);
}
