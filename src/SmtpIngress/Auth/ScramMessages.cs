using System.Buffers;
using Relay.Accounts;

namespace Relay.SmtpIngress.Auth;

/// <summary>The client's first message (RFC 5802 §7).</summary>
/// <param name="Gs2">The GS2 header, as sent.</param>
/// <param name="Bare">All that follows it, as sent.</param>
internal sealed record ScramClientFirst(string Gs2, string Bare, string Name, string Nonce)
{
    private static readonly SearchValues<char> NonceCharacters =
        SearchValues.Create([.. Enumerable.Range(0x21, 0x5e).Select(c => (char)c).Where(c => c != ',')]);

    /// <summary>Reads it; on failure says why.</summary>
    public static ScramClientFirst? Read(string text, out string fault)
    {
        if (Gs2Header.Read(text, out fault) is not { } header)
        {
            return null;
        }

        var bare = text[header.Length..];
        var parts = bare.Split(',');
        if (parts[0].StartsWith("m=", StringComparison.Ordinal))
        {
            fault = "asks for an extension that is not known";
            return null;
        }

        fault = "the first message is broken";
        if (parts is not [['n', '=', .. var saslName], ['r', '=', .. { Length: > 0 } nonce], ..]
            || SaslText.Name(saslName) is not { } name || nonce.AsSpan().ContainsAnyExcept(NonceCharacters))
        {
            return null;
        }

        if (header.Authzid is { } other && !string.Equals(other, name, StringComparison.OrdinalIgnoreCase))
        {
            fault = "asks to act as another account";
            return null;
        }

        return new ScramClientFirst(text[..header.Length], bare, name, nonce);
    }
}

/// <summary>The client's final message.</summary>
/// <param name="WithoutProof">All that precedes the proof, as sent.</param>
/// <param name="Binding">What it believes to be its GS2 header.</param>
internal sealed record ScramClientFinal(string WithoutProof, byte[] Binding, string Nonce, byte[] Proof)
{
    /// <summary>Reads it; null where it is broken.</summary>
    public static ScramClientFinal? Read(string text)
    {
        var proofAt = text.LastIndexOf(",p=", StringComparison.Ordinal);
        if (proofAt < 0)
        {
            return null;
        }

        var withoutProof = text[..proofAt];
        return withoutProof.Split(',') is [['c', '=', .. var binding], ['r', '=', .. var nonce], .. var extensions]
            && !extensions.Any(e => e.StartsWith("m=", StringComparison.Ordinal))
            && SaslWire.FromBase64(binding) is { } bindingOctets
            && SaslWire.FromBase64(text[(proofAt + 3)..]) is { Length: ScramSha256.HashLength } proof
            ? new ScramClientFinal(withoutProof, bindingOctets, nonce, proof)
            : null;
    }
}
