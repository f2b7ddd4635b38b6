namespace Relay.Cli.Explain;

/// <summary>What would become of mail to an address, for people. What others published is shown on one line and without control characters.</summary>
internal static class AddressText
{
    public static void Write(TextWriter output, AddressExplanation found)
    {
        Columns.Write(output, Facts(found));
        if (found.Routes.Count > 0)
        {
            output.WriteLine();
            output.WriteLine("routes");
            Columns.Write(
                output, [.. found.Routes.Select(route => new[] { route.Name, route.Kind, route.Match, Text.OneLine(route.Why) })], indent: "  ");
        }

        foreach (var way in found.Ways)
        {
            output.WriteLine();
            Write(output, way);
        }

        if (found.AliasOf.Count == 0 && !found.Routes.Any(route => route.Match == "yes"))
        {
            output.WriteLine();
            output.WriteLine(found.Ending == Ending.Refused
                ? "No route leads there: the recipient is refused at the door."
                : "Otherwise no route leads there: the mail waits, and expires.");
        }
    }

    private static List<string[]> Facts(AddressExplanation found)
    {
        List<string[]> rows =
        [
            ["to", Text.OneLine(found.Address)],
            ["from", found.Sender.Length == 0 ? "<>" : Text.OneLine(found.Sender)],
        ];
        if (found.Account is { } account)
        {
            rows.Add(["account", Text.OneLine(account)]);
        }

        if (found.Size is { } size)
        {
            rows.Add(["size", $"{size} octets"]);
        }

        if (found.AliasOf.Count > 0)
        {
            rows.Add(["stands for", Text.OneLine(string.Join(", ", found.AliasOf))]);
        }

        if (found.Suppressed is { } why)
        {
            rows.Add(["suppressed", $"nothing is sent there: {Text.OneLine(why)}"]);
        }

        return rows;
    }

    private static void Write(TextWriter output, ExplainedWay way)
    {
        output.WriteLine($"{way.Route}: {Text.OneLine(way.What)}");
        Columns.Write(output, [.. (way.Hosts ?? []).Select(Row)], indent: "  ");
        if (way is { Hosts: not null, Reason: { } reason })
        {
            output.WriteLine($"  {reason}: {Text.OneLine(way.Reply ?? "")}");
        }

        if (way.Fallback is { } fallback)
        {
            output.WriteLine($"  what it cannot carry goes over {fallback}");
        }
    }

    private static string[] Row(ExplainedHost host) =>
    [
        host.Preference?.ToString() ?? "",
        Text.OneLine(host.Name),
        Text.OneLine(host.WhyNot is { } why ? $"not tried: {why}" : string.Join(", ", host.Addresses)),
    ];
}
