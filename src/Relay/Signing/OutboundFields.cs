using Relay.Mail;

namespace Relay.Signing;

/// <summary>
/// What Relay puts in front of a message as it leaves: its signature on mail of its own users, its seal on mail of strangers that
/// it passes on. A stranger's mail is never signed: the signature would vouch for whatever it says.
/// </summary>
public sealed class OutboundFields(DkimSigner signer, ArcSealer sealer)
{
    /// <summary>Nothing is put in front.</summary>
    public static OutboundFields None { get; } = new(DkimSigner.None, ArcSealer.None);

    /// <summary>The fields, each with its line end; empty where there are none.</summary>
    /// <param name="origin">Who handed the message in.</param>
    /// <param name="content">All of it, seekable; its position is of no matter before, and the beginning after.</param>
    public async ValueTask<byte[]> OfAsync(Origin origin, Stream content, CancellationToken cancel)
    {
        if (origin.IsMember ? signer.Keys.Count == 0 : !sealer.Seals)
        {
            return [];
        }

        var header = await MessageHeader.ReadAsync(content, cancel);
        var fields = origin.IsMember
            ? await signer.SignAsync(header, content, cancel)
            : await sealer.SealAsync(header, content, origin.ForwardedFor is not null, cancel);
        content.Position = 0;
        return fields;
    }
}
