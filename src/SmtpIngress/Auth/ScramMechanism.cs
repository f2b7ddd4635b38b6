using System.Text;
using Relay.Accounts;

namespace Relay.SmtpIngress.Auth;

/// <summary>
/// SCRAM-SHA-256 (RFC 5802, RFC 7677) without channel binding: client and server show each other that they know the password,
/// and neither sends it. In SMTP the server's last message is one more challenge, which the client answers with nothing.
/// </summary>
/// <param name="serverNonce">Printable ASCII without comma, never the same twice.</param>
internal sealed class ScramMechanism(Authenticator authenticator, SignInAttempt attempt, string serverNonce) : ISaslMechanism
{
    private string? name;
    private ScramClientFirst? first;
    private string serverFirst = "";
    private PasswordKeys? keys;
    private SignInOutcome? signedIn;

    /// <inheritdoc/>
    public async ValueTask<SaslStep> StepAsync(byte[]? response, CancellationToken cancel)
    {
        if (response is null)
        {
            return SaslStep.Begin;
        }

        if (signedIn is { } outcome)
        {
            return SaslStep.Done(response.Length == 0 ? outcome : Abandon("the last response is not empty"));
        }

        if (SaslText.Read(response) is not { } text)
        {
            return SaslStep.Done(Abandon("it is not UTF-8"));
        }

        return first is null ? await FirstAsync(text, cancel) : await FinalAsync(first, text, cancel);
    }

    /// <inheritdoc/>
    public SignInOutcome Abandon(string detail) => authenticator.Refuse(
        attempt, name, SignInResult.Malformed, signedIn is null ? detail : $"{detail}, after the password was shown to be right");

    private async ValueTask<SaslStep> FirstAsync(string text, CancellationToken cancel)
    {
        if (ScramClientFirst.Read(text, out var fault) is not { } read)
        {
            return SaslStep.Done(Abandon(fault));
        }

        first = read;
        name = read.Name;
        var start = await authenticator.ScramKeysAsync(attempt, name, cancel);
        if (start.Keys is null)
        {
            return SaslStep.Done(start.End);
        }

        keys = start.Keys;
        serverFirst = $"r={read.Nonce}{serverNonce},s={Convert.ToBase64String(keys.Salt)},i={keys.Iterations}";
        return SaslStep.Ask(Encoding.UTF8.GetBytes(serverFirst));
    }

    private async ValueTask<SaslStep> FinalAsync(ScramClientFirst first, string text, CancellationToken cancel)
    {
        if (ScramClientFinal.Read(text) is not { } final)
        {
            return SaslStep.Done(Abandon("the final message is broken"));
        }

        if (!final.Binding.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(first.Gs2)))
        {
            return SaslStep.Done(Abandon("the channel binding is not that of the first message"));
        }

        if (final.Nonce != first.Nonce + serverNonce)
        {
            return SaslStep.Done(Abandon("the nonce is not that of this exchange"));
        }

        var authMessage = Encoding.UTF8.GetBytes($"{first.Bare},{serverFirst},{final.WithoutProof}");
        var proofHolds = ScramSha256.ProofHolds(keys!, authMessage, final.Proof);
        var outcome = await authenticator.WithScramAsync(attempt, first.Name, keys!, proofHolds, cancel);
        if (outcome.Result != SignInResult.SignedIn)
        {
            return SaslStep.Done(outcome);
        }

        signedIn = outcome;
        var signature = Convert.ToBase64String(ScramSha256.ServerSignature(keys!, authMessage));
        return SaslStep.Ask(Encoding.UTF8.GetBytes($"v={signature}"));
    }
}
