using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Relay.Options;
using Relay.Spool;
using Relay.Spool.Azure;

namespace Relay.Forwarding;

/// <summary>
/// The secrets that mark the return-paths which Relay makes up as its own: those of SRS, and those that name a message. The
/// first one marks; what any of them has marked is known, so that a secret can be changed while bounces are on their way.
/// </summary>
public sealed class ReturnPathSecrets
{
    /// <summary>The file in the data folder, or the blob, a secret a line: what postsrsd has in its own can be put there.</summary>
    public const string FileName = "srs.key";

    private const int NewSecretLength = 32;
    private const int MaxFile = 4096;

    private ReturnPathSecrets(IEnumerable<string> secrets) => All = [.. secrets.Select(Encoding.UTF8.GetBytes)];

    internal IReadOnlyList<byte[]> All { get; }

    internal byte[] Current => All[0];

    /// <summary>Of secrets that are known.</summary>
    public static ReturnPathSecrets Of(params IEnumerable<string> secrets) => new(secrets);

    /// <summary>The configured secret, or those of the file in the data folder, which is made where it is missing.</summary>
    /// <exception cref="SpoolException">The file cannot be read or made; the message says what to do.</exception>
    public static ReturnPathSecrets Open(RelayOptions options) =>
        options.Srs.Secret is { } secret ? Of(secret) : ReadOrMake(Path.Combine(options.Data, FileName));

    /// <summary>The configured secret, or those of the blob <see cref="FileName"/>, which the first instance makes.</summary>
    /// <exception cref="SpoolException">The blob cannot be read or made; the message says what to do.</exception>
    public static async Task<ReturnPathSecrets> OpenAsync(RelayOptions options, BlobContainerClient container, CancellationToken cancel) =>
        options.Srs.Secret is { } secret ? Of(secret) : await ReadOrMakeAsync(container.GetBlobClient(FileName), cancel);

    private static ReturnPathSecrets ReadOrMake(string file)
    {
        try
        {
            if (!File.Exists(file))
            {
                Make(file);
            }

            return Read(file);
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException and not SpoolException))
        {
            throw new SpoolException(SpoolFault.Unavailable, $"cannot read or make {file}: {e.Message}", e);
        }
    }

    private static ReturnPathSecrets Read(string file)
    {
        string[] lines = new FileInfo(file).Length > MaxFile ? []
            : [.. File.ReadLines(file).Select(line => line.Trim()).Where(line => line.Length > 0)];
        return Of(file, lines);
    }

    /// <summary>The lines of a file or a blob.</summary>
    private static ReturnPathSecrets Of(string file, string[] lines) =>
        lines.Length > 0 && Array.TrueForAll(lines, line => line.Length >= SrsOptions.MinSecret)
            ? new ReturnPathSecrets(lines)
            : throw new SpoolException(SpoolFault.Corrupt,
                $"{file} does not hold secrets, one a line, of at least {SrsOptions.MinSecret} characters: put them right, or remove it and a new one is made");

    private static byte[] NewSecret() =>
        Encoding.ASCII.GetBytes(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(NewSecretLength)) + "\n");

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static Task<ReturnPathSecrets> ReadOrMakeAsync(BlobClient blob, CancellationToken cancel) =>
        AzureFault.MapAsync($"read or make the blob {blob.Name}", async () =>
        {
            if (!await blob.ExistsAsync(cancel))
            {
                await MakeAsync(blob, cancel);
            }

            var length = (await blob.GetPropertiesAsync(cancellationToken: cancel)).Value.ContentLength;
            return Of(blob.Name, length > MaxFile ? [] : Lines((await blob.DownloadContentAsync(cancel)).Value.Content.ToString()));
        });

    /// <summary>Of two instances that make it the first one wins.</summary>
    private static async Task MakeAsync(BlobClient blob, CancellationToken cancel)
    {
        try
        {
            await blob.UploadAsync(
                BinaryData.FromBytes(NewSecret()), new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } }, cancel);
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
        }
    }

    /// <summary>Whole or not at all, and its owner's alone. Of two processes that make it the first one wins.</summary>
    private static void Make(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var made = $"{file}.{Path.GetRandomFileName()}";
        try
        {
            using (var stream = new FileStream(made, options))
            {
                stream.Write(NewSecret());
                stream.Flush(flushToDisk: true);
            }

            File.Move(made, file, overwrite: false);
        }
        catch (IOException) when (File.Exists(file))
        {
        }
        finally
        {
            File.Delete(made);
        }
    }
}
