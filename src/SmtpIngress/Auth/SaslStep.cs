using Relay.Accounts;

namespace Relay.SmtpIngress.Auth;

/// <summary>What a mechanism does next: asks the client, or ends.</summary>
/// <param name="Challenge">The octets to send; without meaning at the end.</param>
/// <param name="End">How it ended; null while it goes on.</param>
internal readonly record struct SaslStep(ReadOnlyMemory<byte> Challenge, SignInOutcome? End)
{
    /// <summary>The empty challenge, by which a client that sent no initial response may begin.</summary>
    public static SaslStep Begin => new(default, null);

    public static SaslStep Ask(ReadOnlyMemory<byte> challenge) => new(challenge, null);

    public static SaslStep Done(SignInOutcome outcome) => new(default, outcome);
}

/// <summary>
/// One exchange of one SASL mechanism (RFC 4422), without the wire. Whatever octets come, it answers: nothing that a client
/// sends throws.
/// </summary>
internal interface ISaslMechanism
{
    /// <summary>Takes the client's next response, or null at the start where AUTH had no initial response.</summary>
    /// <exception cref="OperationCanceledException">The session ends.</exception>
    ValueTask<SaslStep> StepAsync(byte[]? response, CancellationToken cancel);

    /// <summary>The client cancelled, or its line is no base64: ends the exchange and notes it under the name known so far.</summary>
    /// <param name="detail">For the operator.</param>
    SignInOutcome Abandon(string detail);
}
