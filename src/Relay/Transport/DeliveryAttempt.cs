using Relay.Replies;
using Relay.Routing;
using Relay.Status;
using Relay.Transport.Login;

namespace Relay.Transport;

/// <summary>
/// What is known of each recipient while an attempt goes from host to host. A decided recipient is done with; one that is
/// only noted has failed for now, and the next host may do better.
/// </summary>
internal sealed class DeliveryAttempt(DeliveryRequest request) : IDisposable
{
    /// <summary>Characters of a reply that go into the status. Servers may say 64 KiB, and to each recipient.</summary>
    public const int MaxReplyText = 1000;

    private readonly RecipientOutcome?[] outcomes = new RecipientOutcome?[request.Recipients.Count];
    private readonly bool[] decided = new bool[request.Recipients.Count];
    private int decisions;
    private AttemptDeadline? deadline;

    public DeliveryRequest Request => request;

    /// <summary>
    /// The message asks for TLS on all of its way (RFC 8689 §4.2.1). A notice is not held to it: sent in clear it is better than
    /// lost (§5).
    /// </summary>
    public bool RequiresTls => request.Envelope is { RequireTls: true, ReversePath.IsNull: false };

    /// <summary>How its connections are to be, as far as the route and the message say.</summary>
    public TlsPolicy Tls => TlsPolicy.Of(request.Envelope.RequireTls switch
    {
        true when RequiresTls => TlsMode.Required,
        true when request.Route.Tls == TlsMode.Off => TlsMode.Opportunistic,
        _ => request.Route.Tls,
    });

    /// <summary>How to sign in at the host that is tried now; null where nobody does.</summary>
    public HostLogin? Login { get; set; }

    /// <summary>Recipients of one transaction at most.</summary>
    public int MaxRecipients => Math.Min(request.Route.Smarthost?.MaxRecipients ?? SmtpSender.MaxRecipients, SmtpSender.MaxRecipients);

    public MessageContent Content { get; } = new(request.Content);

    public bool IsDecided => decisions == outcomes.Length;

    public bool HasDecisions => decisions > 0;

    /// <summary>A server has answered for a recipient or for the message, be it with a refusal.</summary>
    public bool WasAnswered { get; set; }

    /// <summary>A host, or the search for one, failed for reasons that have nothing to do with this message.</summary>
    public bool HasFailed { get; set; }

    /// <summary>One over all hosts, which stands still at first.</summary>
    public AttemptDeadline DeadlineBy(TimeProvider time) => deadline ??= new(time, Content.Length);

    /// <summary>The server may have the message from here on.</summary>
    public void PauseDeadline() => deadline?.Pause();

    /// <summary>The server has answered.</summary>
    public void ResumeDeadline() => deadline?.Run();

    /// <summary>Indexes of the recipients that are still to be tried.</summary>
    public List<int> Undecided()
    {
        var open = new List<int>(outcomes.Length - decisions);
        for (var i = 0; i < decided.Length; i++)
        {
            if (!decided[i])
            {
                open.Add(i);
            }
        }

        return open;
    }

    /// <summary>The last word on a recipient in this attempt.</summary>
    public void Decide(int recipient, RecipientOutcome outcome)
    {
        decisions += decided[recipient] ? 0 : 1;
        decided[recipient] = true;
        outcomes[recipient] = Shorten(outcome);
    }

    /// <summary>
    /// A failure at one host, which the next may make good. What a server said is worth more than that a later host could not be
    /// reached; and while any host may yet take the message it is not bounced.
    /// </summary>
    public void Note(int recipient, RecipientOutcome outcome)
    {
        if (!decided[recipient] && !Outweighs(outcomes[recipient], outcome))
        {
            outcomes[recipient] = Shorten(outcome);
        }
    }

    public void DecideAll(RecipientOutcome outcome) => Undecided().ForEach(recipient => Decide(recipient, outcome));

    public void NoteAll(RecipientOutcome outcome) => Undecided().ForEach(recipient => Note(recipient, outcome));

    public DeliveryOutcome ToOutcome()
    {
        NoteUntried();
        return new(outcomes!) { IsUnreachable = HasFailed && !WasAnswered };
    }

    public void Dispose() => deadline?.Dispose();

    /// <summary>An attempt is cut off where a server takes only a few recipients at a time of very many.</summary>
    private void NoteUntried()
    {
        for (var i = 0; i < outcomes.Length; i++)
        {
            outcomes[i] ??= new(OutcomeKind.Deferred, Reasons.RemoteTemporary, null,
                new(ReplyCode.InsufficientStorage, 5, 3, "Too many recipients for one attempt"));
        }
    }

    private static bool Outweighs(RecipientOutcome? before, RecipientOutcome now) =>
        before?.Kind == OutcomeKind.Deferred &&
        (now.Kind == OutcomeKind.Bounced || (before.Reason == Reasons.RemoteTemporary && now.Reason != Reasons.RemoteTemporary));

    private static RecipientOutcome Shorten(RecipientOutcome outcome) => outcome.Reply.Text.Length <= MaxReplyText
        ? outcome
        : outcome with { Reply = outcome.Reply with { Text = outcome.Reply.Text[..MaxReplyText] + "…" } };
}
