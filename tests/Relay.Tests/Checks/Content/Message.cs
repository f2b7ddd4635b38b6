using System.Text;
using Relay.Checks;
using Relay.Mail;

namespace Relay.Tests.Checks.Content;

/// <summary>Messages as a check sees them: behind our own <c>Received:</c> field.</summary>
internal static class Message
{
    /// <summary>What Relay puts before each message.</summary>
    public const string OwnField = "Received: from client.example ([192.0.2.1])\r\n\tby mx.example.com (Relay) with ESMTP id 0;\r\n\tThu, 01 Jan 2026 00:00:00 +0000\r\n";

    /// <summary>A message of these characters, each an octet.</summary>
    public static Task<CheckSubject> Of(string message, bool isMember = false) => Of(Encoding.Latin1.GetBytes(message), isMember);

    /// <summary>A message of these octets.</summary>
    public static Task<CheckSubject> Of(byte[] message, bool isMember = false) =>
        Of(new MemoryStream([.. Encoding.ASCII.GetBytes(OwnField), .. message]), isMember);

    /// <summary>A message whose content is all there.</summary>
    public static async Task<CheckSubject> Of(Stream content, bool isMember = false) => new()
    {
        Content = content,
        Header = await MessageHeader.ReadAsync(content, CancellationToken.None),
        IsMember = isMember,
    };
}

/// <summary>Counts how much of it was read, a second time too.</summary>
internal sealed class CountedStream(byte[] octets) : MemoryStream(octets)
{
    public long Octets { get; private set; }

    // A stream in memory reads by this one, whichever was called.
    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = base.Read(buffer, offset, count);
        Octets += read;
        return read;
    }
}
