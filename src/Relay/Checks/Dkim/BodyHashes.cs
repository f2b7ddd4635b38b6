using System.Buffers;

namespace Relay.Checks.Dkim;

/// <summary>The hashes of a body for any number of signatures. The body is read once.</summary>
internal sealed class BodyHashes
{
    private const int BlockSize = 64 * 1024;

    private readonly Dictionary<Canonicalization, BodyHasher> hashers = [];

    private BodyHashes()
    {
    }

    /// <summary>Reads the body.</summary>
    /// <param name="content">Seekable; its position is of no matter before and after.</param>
    /// <param name="offset">Where the body begins.</param>
    /// <param name="wanted">The form of each hash, and its <c>l=</c> where it has one.</param>
    public static async ValueTask<BodyHashes> ReadAsync(
        Stream content, long offset, IEnumerable<(Canonicalization Form, long? Length)> wanted, CancellationToken cancel)
    {
        var hashes = new BodyHashes();
        foreach (var form in wanted.GroupBy(hash => hash.Form, hash => hash.Length))
        {
            hashes.hashers[form.Key] = new BodyHasher(form.Key, form.OfType<long>());
        }

        if (hashes.hashers.Count > 0)
        {
            await hashes.ReadAsync(content, offset, cancel);
        }

        return hashes;
    }

    /// <summary>The hash in this form, up to this length where there is one; null where the body is shorter.</summary>
    public byte[]? Of(Canonicalization form, long? length) =>
        length is { } octets ? hashers[form].UpTo(octets) : hashers[form].Whole;

    /// <summary>Whether the hash up to this length is that of the whole body: nothing stands behind what was signed.</summary>
    public bool IsWhole(Canonicalization form, long? length) => length is null || length == hashers[form].Length;

    private async ValueTask ReadAsync(Stream content, long offset, CancellationToken cancel)
    {
        var block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            content.Position = offset;
            int read;
            while ((read = await content.ReadAsync(block.AsMemory(0, BlockSize), cancel)) > 0)
            {
                foreach (var hasher in hashers.Values)
                {
                    hasher.Append(block.AsSpan(0, read));
                }
            }

            foreach (var hasher in hashers.Values)
            {
                hasher.Finish();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
            foreach (var hasher in hashers.Values)
            {
                hasher.Dispose();
            }
        }
    }
}
