using Relay.Options;

namespace Relay.Certificates;

/// <summary>
/// A certificate in files. They are read at every look, since neither time nor length tells for sure that a file is still the
/// same: certbot and Kubernetes swap symbolic links.
/// </summary>
internal sealed class CertificateFiles(CertificateOptions options) : ICertificateSource
{
    /// <summary>Octets of one file. No chain is so long: somebody named the wrong file.</summary>
    private const int MaxSize = 1024 * 1024;

    private readonly string file = options.File ?? throw new ArgumentException("no file", nameof(options));

    public TimeSpan Period => TimeSpan.FromSeconds(10);

    public async Task<CertificateMaterial> ReadAsync(CancellationToken cancel) => new()
    {
        Source = file,
        Certificate = await ReadAsync(file, cancel),
        Key = options.KeyFile is null ? null : await ReadAsync(options.KeyFile, cancel),
        Password = options.Password,
    };

    private async Task<byte[]> ReadAsync(string path, CancellationToken cancel)
    {
        try
        {
            await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (!stream.CanSeek || stream.Length > MaxSize)
            {
                throw Cannot(path, $"it is not a file of at most {MaxSize} octets. Name the file of the certificate or of its key.");
            }

            var octets = new byte[stream.Length];
            await stream.ReadExactlyAsync(octets, cancel);
            return octets;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Cannot(path, "there is no such file. Look at Certificates in the configuration.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            var problem = Directory.Exists(path)
                ? "it is a folder. Name the file in it."
                : "not permitted. Let the user that runs the relay read it.";
            throw Cannot(path, problem, e);
        }
        catch (Exception e) when (e is IOException and not CertificateException)
        {
            throw Cannot(path, e.Message, e);
        }
    }

    private CertificateException Cannot(string path, string problem, Exception? cause = null) =>
        new(file, path == file ? problem : $"{path}: {problem}", cause);
}
