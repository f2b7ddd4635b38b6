namespace Relay.Cli;

/// <summary>Rows of text in columns, for a terminal.</summary>
internal static class Columns
{
    private const string Gap = "  ";

    /// <summary>Writes the rows, each column as wide as its widest cell. A column that is empty in every row is left out.</summary>
    public static void Write(TextWriter output, IReadOnlyList<string[]> rows, string indent = "")
    {
        var widths = new int[rows.Count == 0 ? 0 : rows.Max(row => row.Length)];
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Length; i++)
            {
                widths[i] = Math.Max(widths[i], row[i].Length);
            }
        }

        foreach (var row in rows)
        {
            var cells = row.Select((cell, i) => (cell, width: widths[i])).Where(c => c.width > 0).Select(c => c.cell.PadRight(c.width));
            output.WriteLine((indent + string.Join(Gap, cells)).TrimEnd());
        }
    }
}
