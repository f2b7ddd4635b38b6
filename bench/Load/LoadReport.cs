using System.Text.Json;

namespace Relay.Load;

/// <summary>What became of a load.</summary>
/// <param name="Messages">Messages that got a 250.</param>
/// <param name="Time">From the first connect to the end of the last connection.</param>
/// <param name="Errors">Connections that did not end as they should.</param>
/// <param name="FirstError">The first of their causes.</param>
internal sealed record LoadReport(int Messages, TimeSpan Time, int Errors, string? FirstError)
{
    /// <summary>Writes it as one line of JSON.</summary>
    public void Write(Stream output)
    {
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteNumber("messages", Messages);
            json.WriteNumber("seconds", Math.Round(Time.TotalSeconds, 3));
            json.WriteNumber("errors", Errors);
            if (FirstError is not null)
            {
                json.WriteString("firstError", FirstError);
            }

            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }
}
