namespace Relay.Cli.Send;

/// <summary>
/// A message to send, in a temporary file with CRLF line ends: the SMTP client may have to read it again, which standard
/// input does not allow, and it may be larger than memory.
/// </summary>
internal sealed class MessageFile : IAsyncDisposable
{
    private const int BufferSize = 64 * 1024;

    private MessageFile(Stream content, bool hasEightBit)
    {
        Content = content;
        HasEightBit = hasEightBit;
    }

    /// <summary>At its start, seekable.</summary>
    public Stream Content { get; }

    /// <summary>There are octets above 127.</summary>
    public bool HasEightBit { get; }

    /// <summary>Reads a message to its end. LF, CR and CRLF all end a line; a last line without an end gets one.</summary>
    public static async Task<MessageFile> ReadAsync(Stream source, CancellationToken cancel)
    {
        var content = CreateTemporary();
        try
        {
            var hasEightBit = await CopyAsync(source, content, cancel);
            content.Position = 0;
            return new MessageFile(content, hasEightBit);
        }
        catch
        {
            await content.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => Content.DisposeAsync();

    /// <summary>Nobody else on the machine can read it, and it is gone when it is closed.</summary>
    private static FileStream CreateTemporary()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(Path.Combine(Path.GetTempPath(), $"relay-send-{Guid.NewGuid():N}"), options);
    }

    private static async Task<bool> CopyAsync(Stream source, Stream target, CancellationToken cancel)
    {
        var input = new byte[BufferSize];
        var output = new byte[(2 * BufferSize) + 2];
        var last = (byte)'\n';
        var hasEightBit = false;
        int read;
        while ((read = await source.ReadAsync(input, cancel)) > 0)
        {
            var written = Normalise(input.AsSpan(0, read), output, ref last);
            hasEightBit |= input.AsSpan(0, read).ContainsAnyInRange((byte)0x80, (byte)0xff);
            await target.WriteAsync(output.AsMemory(0, written), cancel);
        }

        if (last is not ((byte)'\n' or (byte)'\r'))
        {
            await target.WriteAsync("\r\n"u8.ToArray(), cancel);
        }

        return hasEightBit;
    }

    /// <summary>Writes CRLF for each line end; <paramref name="last"/> is the octet before, which may be the CR of a CRLF.</summary>
    private static int Normalise(ReadOnlySpan<byte> input, Span<byte> output, ref byte last)
    {
        var written = 0;
        foreach (var octet in input)
        {
            if (octet == '\r' || (octet == '\n' && last != '\r'))
            {
                output[written++] = (byte)'\r';
                output[written++] = (byte)'\n';
            }
            else if (octet != '\n')
            {
                output[written++] = octet;
            }

            last = octet;
        }

        return written;
    }
}
