using System.Buffers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Relay.Replies;
using Relay.Routing;
using Relay.Status;

namespace Relay.Transport;

/// <summary>What all SMTP connections of this relay share.</summary>
/// <param name="HeloName">The name for EHLO and HELO, in A-labels.</param>
/// <param name="Time">The clock of all deadlines.</param>
internal sealed record SmtpClientSettings(string HeloName, TimeProvider Time)
{
    /// <summary>Whom to trust where TLS is required; null for those that the machine trusts.</summary>
    public X509ChainPolicy? Trust { get; init; }
}

/// <summary>A greeted session with one remote server, ready for MAIL (RFC 5321 §3.1, §3.2; STARTTLS is RFC 3207).</summary>
internal sealed class SmtpConnection : IDisposable
{
    private readonly SmtpClientSettings settings;

    private SmtpConnection(NextHop hop, SmtpChannel channel, SmtpClientSettings settings)
    {
        this.settings = settings;
        Hop = hop;
        Name = hop.ToString();
        Channel = channel;
    }

    public NextHop Hop { get; }

    /// <summary>The hop as the status shows it.</summary>
    public string Name { get; }

    public SmtpChannel Channel { get; }

    /// <summary>What the server can do, as it said last: under TLS, where there is TLS.</summary>
    public SmtpCapabilities Capabilities { get; private set; } = SmtpCapabilities.None;

    /// <summary>The handshake is done; under <see cref="TlsMode.Required"/> the certificate was right too.</summary>
    public bool IsUnderTls { get; private set; }

    /// <summary>What is wrong with the certificate, be it that nobody asked for a right one; null for nothing, and without TLS.</summary>
    public TlsFault? CertificateFault { get; private set; }

    /// <summary>Transactions begun on it.</summary>
    public int Transactions { get; set; }

    /// <summary>The last transaction was left open: RSET comes before the next MAIL.</summary>
    public bool NeedsReset { get; set; }

    /// <summary>Connects, reads the greeting, says EHLO or HELO, and changes to TLS as the mode asks.</summary>
    public static async Task<SmtpConnection> OpenAsync(
        NextHop hop, TlsPolicy tls, SmtpClientSettings settings, CancellationToken cancel)
    {
        var channel = new SmtpChannel(hop, settings.Time);
        await using var abort = channel.AbortOn(cancel);
        try
        {
            await channel.ConnectAsync();
            var connection = new SmtpConnection(hop, channel, settings);
            await (hop.IsTlsAtOnce && tls.Mode == TlsMode.Required ? connection.GreetUnderTlsAsync(tls) : connection.GreetAsync(tls));
            return connection;
        }
        catch (Exception e)
        {
            (e as SmtpSessionException)?.LocalAddress = channel.LocalAddress;
            channel.Close();
            throw;
        }
    }

    public void Dispose() => Channel.Dispose();

    private async Task GreetAsync(TlsPolicy tls)
    {
        await GreetAsync();
        await SecureAsync(tls);
    }

    /// <summary>TLS from the first octet, as submissions has it (RFC 8314 §3.3): nothing is said in clear that could be tampered with.</summary>
    private async Task GreetUnderTlsAsync(TlsPolicy tls)
    {
        try
        {
            await ShakeHandsAsync(tls);
        }
        catch (SmtpSessionException e)
        {
            throw TlsFailed(tls, e);
        }

        await GreetAsync();
    }

    private async Task GreetAsync()
    {
        Refuse(await Channel.ReadReplyAsync(SmtpTimeouts.Greeting));
        await HelloAsync();
    }

    /// <summary>EHLO; for a server that does not know it, HELO (RFC 5321 §3.2).</summary>
    private async Task HelloAsync()
    {
        var reply = await SayAsync($"EHLO {settings.HeloName}\r\n");
        if (reply.IsPositive)
        {
            Capabilities = SmtpCapabilities.Read(reply);
            return;
        }

        Capabilities = SmtpCapabilities.None;
        if (reply.IsPermanent)
        {
            reply = await SayAsync($"HELO {settings.HeloName}\r\n");
        }

        Refuse(reply);
    }

    private async Task SecureAsync(TlsPolicy tls)
    {
        if (tls.Mode == TlsMode.Off || (tls.Mode == TlsMode.Opportunistic && !Capabilities.StartTls))
        {
            return;
        }

        if (!Capabilities.StartTls)
        {
            throw TlsFailed(
                tls, TlsFault.NotOffered, new(ReplyCode.LocalError, 7, 4, $"TLS is required, and {Hop} does not offer it"), serverLacksTls: true);
        }

        try
        {
            var reply = await SayAsync("STARTTLS\r\n");
            if (!reply.IsPositive)
            {
                throw TlsFailed(tls, TlsFault.NotOffered, reply, serverLacksTls: reply.IsPermanent);
            }

            await ShakeHandsAsync(tls);
            await HelloAsync();
        }
        catch (SmtpSessionException e) when (e.Reply.Code != ReplyCode.Unavailable)
        {
            // Under TLS 1.3 a server's refusal of the handshake shows only when the next reply is read.
            throw TlsFailed(tls, e);
        }
    }

    private async Task ShakeHandsAsync(TlsPolicy tls)
    {
        await Channel.StartTlsAsync(TlsOptions(tls));
        IsUnderTls = true;
    }

    /// <summary>The certificate is always judged; what comes of it is the policy's to say. Opportunistic: any is better than none (RFC 7435 §3).</summary>
    private SslClientAuthenticationOptions TlsOptions(TlsPolicy tls) => new()
    {
        TargetHost = tls.Dane?.Host ?? Hop.Name,
        EnabledSslProtocols = tls.Mode == TlsMode.Required ? SslProtocols.Tls12 | SslProtocols.Tls13 : SslProtocols.None,
        // What a certificate names to be fetched is not: strangers would choose whom we connect to.
        CertificateChainPolicy = settings.Trust?.Clone() ?? new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true },
        RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            CertificateFault = tls.Dane is { } dane
                ? dane.Judge((X509Certificate2)certificate!, chain!.ChainPolicy.ExtraStore)
                : CertificateFaults.Of(errors, chain);
            return CertificateFault is null || tls.Mode != TlsMode.Required;
        },
    };

    /// <summary>
    /// The session ends when the server does not want it. A 5xx here is about this connection, not about any recipient, so it
    /// never bounces mail: the next host is tried, and when none is left the mail waits. Postfix does the same
    /// (smtp_skip_5xx_greeting): block lists and broken hosts come and go, lost mail does not come back.
    /// </summary>
    private void Refuse(SmtpReply reply)
    {
        if (reply.IsPositive)
        {
            return;
        }

        if (reply.IsIntermediate)
        {
            throw new SmtpSessionException(
                Reasons.RemoteProtocolError, new(ReplyCode.LocalError, 5, 0, $"{Hop} answered out of order: {reply}"));
        }

        throw new SmtpSessionException(reply.IsTemporary ? Reasons.RemoteTemporary : Reasons.ConnectFailed, reply);
    }

    private ValueTask<SmtpReply> SayAsync(string command)
    {
        Encoding.ASCII.GetBytes(command, Channel);
        return FlushAndReadAsync();
    }

    private async ValueTask<SmtpReply> FlushAndReadAsync()
    {
        await Channel.FlushAsync(SmtpTimeouts.Hello);
        return await Channel.ReadReplyAsync(SmtpTimeouts.Hello);
    }

    private SmtpSessionException TlsFailed(TlsPolicy tls, SmtpSessionException e) => tls.Mode == TlsMode.Required && CertificateFault is { } fault
        ? TlsFailed(tls, fault, new(ReplyCode.LocalError, 7, 5, $"TLS with {Hop} failed: {fault.Words()}"), serverLacksTls: true, e)
        : TlsFailed(tls, e.TlsFault ?? TlsFault.Other, e.Reply, e.ServerLacksTls, e);

    private static SmtpSessionException TlsFailed(
        TlsPolicy tls, TlsFault fault, SmtpReply reply, bool serverLacksTls, Exception? cause = null) =>
        new(tls.FailureReason, reply, cause) { IsTlsFailure = true, TlsFault = fault, ServerLacksTls = serverLacksTls };
}
