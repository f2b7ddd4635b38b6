using Relay.Mail;

namespace Relay.Signing;

/// <summary>
/// Which fields of a header are signed: what the reader sees, and what decides how the body is read. A field that is named once more
/// than it is there cannot be added without breaking the signature (RFC 6376 §8.15).
/// </summary>
internal static class SignedNames
{
    private enum Closed
    {
        /// <summary>No further one may be added, even where there is none.</summary>
        Always,

        /// <summary>No second one may be added. Where there is none, a server on the way may add one that is missing (RFC 6409 §8).</summary>
        IfThere,

        /// <summary>Others may be added: mailing lists do.</summary>
        Never,
    }

    private static readonly (string Name, Closed Closed)[] Signed =
    [
        ("From", Closed.Always), ("To", Closed.Always), ("Cc", Closed.Always), ("Subject", Closed.Always), ("Reply-To", Closed.Always),
        ("Date", Closed.IfThere), ("Message-ID", Closed.IfThere), ("In-Reply-To", Closed.IfThere), ("References", Closed.IfThere),
        ("MIME-Version", Closed.IfThere), ("Content-Type", Closed.IfThere), ("Content-Transfer-Encoding", Closed.IfThere),
        ("Sender", Closed.Never), ("List-Id", Closed.Never), ("List-Help", Closed.Never), ("List-Unsubscribe", Closed.Never),
        ("List-Unsubscribe-Post", Closed.Never), ("List-Subscribe", Closed.Never), ("List-Post", Closed.Never),
        ("List-Owner", Closed.Never), ("List-Archive", Closed.Never),
    ];

    /// <summary>What <c>h=</c> says for this header.</summary>
    public static IReadOnlyList<string> Of(MessageHeader header)
    {
        var counts = header.Fields.CountBy(field => field.Name, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(StringComparer.OrdinalIgnoreCase);
        return
        [
            .. Signed.SelectMany(field => counts.GetValueOrDefault(field.Name) is var there && field.Closed switch
            {
                Closed.Always => true,
                Closed.IfThere => there > 0,
                _ => false,
            } ? Enumerable.Repeat(field.Name, there + 1) : Enumerable.Repeat(field.Name, there)),
        ];
    }
}
