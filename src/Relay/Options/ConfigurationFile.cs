using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Relay.Options;

/// <summary>The keys of a JSON file, or the one fault that makes it unreadable.</summary>
internal sealed record ConfigurationFile(string Path, IReadOnlyDictionary<string, string?> Keys, bool Exists, ConfigurationFault? Fault = null)
{
    /// <summary>No configuration is so large: somebody named the wrong file.</summary>
    private const int MaxSize = 1024 * 1024;

    /// <summary>Reads a file; comments and trailing commas are allowed.</summary>
    public static ConfigurationFile Read(string path, bool mustExist)
    {
        try
        {
            return new ConfigurationFile(path, Parse(path), Exists: true);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException && !mustExist)
        {
            return new ConfigurationFile(path, new Dictionary<string, string?>(), Exists: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Unreadable(path, $"cannot be read: {e.Message}");
        }
        catch (JsonException e)
        {
            var where = e.LineNumber is { } line ? $"line {line + 1}, position {e.BytePositionInLine + 1}: " : "";
            return Unreadable(path, $"{where}not valid JSON: {WithoutPosition(e.Message)}");
        }
        catch (FormatException e)
        {
            // A key that stands there twice, or a file that is not one object.
            return Unreadable(path, e.Message);
        }
    }

    private static Dictionary<string, string?> Parse(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        if (file.CanSeek && file.Length > MaxSize)
        {
            throw new IOException($"it is larger than {MaxSize} octets");
        }

        var root = new ConfigurationBuilder().AddJsonStream(file).Build();
        var keys = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in root.AsEnumerable())
        {
            keys[key] = value;
        }

        return keys;
    }

    private static ConfigurationFile Unreadable(string path, string problem) =>
        new(path, new Dictionary<string, string?>(), Exists: true, new ConfigurationFault("", null, problem, path));

    /// <summary>The parser ends its message with a position that counts from 0, which would contradict ours.</summary>
    private static string WithoutPosition(string message)
    {
        var position = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return position < 0 ? message : message[..position];
    }
}
