using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Relay.Signing;

namespace Relay.Cli.Domain;

/// <summary>A new key as an operator needs it: for the DNS, and for the configuration.</summary>
internal static class DkimText
{
    /// <summary>Octets of one string of a TXT record (RFC 1035 §3.3.14).</summary>
    private const int StringLength = 255;

    // A base64 key must be pasted as it is: no "+" as \u002B.
    private static readonly JsonWriterOptions Readable = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>For people.</summary>
    public static string Of(SigningKey key, string path) => $"""
        Made a key for {key.Domain} ({key.AlgorithmName}, {key.Bits} bits) in {path}

        1. Add this TXT record to the DNS of {key.Domain}:

           name:   {key.RecordName}
           value:  {key.RecordText}

           In a zone file:

           {key.RecordName}. IN TXT ( {string.Join(' ', Strings(key.RecordText).Select(part => $"\"{part}\""))} )

        2. When it can be seen there, add this to "Dkim" in relay.json, and start the relay anew:

        {Configuration(key, path)}
        """.ReplaceLineEndings("\n");

    /// <summary>For programs.</summary>
    public static string Json(SigningKey key, string path) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("domain", key.Domain);
        json.WriteString("selector", key.Selector);
        json.WriteString("algorithm", key.AlgorithmName);
        json.WriteNumber("bits", key.Bits);
        json.WriteString("keyFile", path);
        json.WriteStartObject("record");
        json.WriteString("name", key.RecordName);
        json.WriteString("type", "TXT");
        json.WriteString("value", key.RecordText);
        json.WriteStartArray("strings");
        foreach (var part in Strings(key.RecordText))
        {
            json.WriteStringValue(part);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WritePropertyName("configuration");
        WriteConfiguration(json, key, path);
        json.WriteEndObject();
    });

    /// <summary>A record in strings that DNS can hold; whoever reads it puts them together again.</summary>
    public static IEnumerable<string> Strings(string record) => record.Chunk(StringLength).Select(part => new string(part));

    private static string Configuration(SigningKey key, string path) => Write(json => WriteConfiguration(json, key, path));

    private static void WriteConfiguration(Utf8JsonWriter json, SigningKey key, string path)
    {
        json.WriteStartObject();
        json.WriteStartArray("Dkim");
        json.WriteStartObject();
        json.WriteString("Domain", key.Domain);
        json.WriteString("Selector", key.Selector);
        json.WriteString("KeyFile", path);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Write(Action<Utf8JsonWriter> write)
    {
        var octets = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(octets, Readable))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(octets.WrittenSpan);
    }
}
