using System.Net;
using Relay.Mail;

namespace Relay.Checks;

/// <summary>What is known of a client and its mail at some stage; what is not known yet is null.</summary>
public sealed record CheckSubject
{
    /// <summary>The client's address, an IPv4 one never mapped into IPv6; null where it is not known: then what depends on it is <c>none</c>.</summary>
    public IPAddress? ClientAddress { get; init; }

    /// <summary>The name that DNS has for the client's address, where that name leads back to it; null where there is none or nobody has asked.</summary>
    public string? ClientName =>
        ResultOf(CheckName.ReverseDns)?.Authentication.FirstOrDefault(iprev => iprev.Result == "pass")?.Comment;

    /// <summary>What the client called itself: a domain or an address literal.</summary>
    public string? Helo { get; init; }

    /// <summary>The reverse-path.</summary>
    public ReversePath? ReversePath { get; init; }

    /// <summary>At <see cref="CheckStage.Rcpt"/>: the forward-path that is asked for.</summary>
    public ForwardPath? Recipient { get; init; }

    /// <summary>The forward-paths that were taken so far.</summary>
    public IReadOnlyList<ForwardPath> Recipients { get; init; } = [];

    /// <summary>The client was signed in or trusted: only what concerns the content itself is looked at.</summary>
    public bool IsMember { get; init; }

    /// <summary>The account that the client signed in with; null where it did not.</summary>
    public string? Account { get; init; }

    /// <summary>At <see cref="CheckStage.Content"/>: the id that the message has.</summary>
    public MessageId? Id { get; init; }

    /// <summary>At <see cref="CheckStage.Content"/>: the exact octets of the message behind our own <c>Received:</c> field, which may come first. Seekable; a check sets its position itself.</summary>
    public Stream? Content { get; init; }

    /// <summary>At <see cref="CheckStage.Content"/>: the header of the content.</summary>
    public MessageHeader? Header { get; init; }

    /// <summary>What checks before this one have found, those of earlier stages too.</summary>
    public IReadOnlyList<CheckResult> Results { get; init; } = [];

    /// <summary>What a check has found; null when it has not run.</summary>
    public CheckResult? ResultOf(CheckName check) => Results.LastOrDefault(result => result.Check == check);
}
