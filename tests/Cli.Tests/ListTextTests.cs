using Relay.Cli.Status;
using Relay.Mail;
using Relay.Status;

namespace Relay.Cli.Tests;

public sealed class ListTextTests
{
    private static readonly DateTimeOffset AcceptedAt = new(2026, 5, 1, 11, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Messages_are_shown_as_a_table()
    {
        var page = new StatusPage(
            [
                Message("019a2b3c4d5e7f8091a2b3c4d5e6f709", "app@example.com", ("someone@example.net", RecipientState.Delivered)),
                Message("019a2b3c4d5e7f8091a2b3c4d5e6f708", "", ("a@example.net", RecipientState.Delivered),
                    ("b@example.net", RecipientState.Deferred), ("c@example.net", RecipientState.Delivered)),
            ],
            "next");

        Assert.Equal(
            """
            ACCEPTED              ID                                FROM             TO                   STATE
            2026-05-01T11:00:00Z  019a2b3c4d5e7f8091a2b3c4d5e6f709  app@example.com  someone@example.net  delivered
            2026-05-01T11:00:00Z  019a2b3c4d5e7f8091a2b3c4d5e6f708  <>               a@example.net +2     1 deferred, 2 delivered
            There are more: --limit shows more at once, --cursor next goes on from here.

            """,
            Written(page));
    }

    [Fact]
    public void Long_addresses_are_cut_so_that_a_row_fits_120_columns()
    {
        var address = new string('x', 64) + "@" + new string('y', 60) + ".example";
        var page = new StatusPage(
            [Message("019a2b3c4d5e7f8091a2b3c4d5e6f709", address, (address, RecipientState.Quarantined), (address, RecipientState.Quarantined))], null);

        Assert.All(Written(page).Split('\n'), line => Assert.InRange(line.Length, 0, 120));
        Assert.Contains("xxx… +1", Written(page));
    }

    [Fact]
    public void No_match_is_said_in_words() => Assert.Equal("No message matches.\n", Written(new StatusPage([], null)));

    private static MessageStatus Message(string id, string sender, params (string Address, RecipientState State)[] recipients) => new()
    {
        Id = id,
        AcceptedAt = AcceptedAt,
        Sender = sender,
        Size = 1,
        Origin = new Origin { Protocol = "ESMTP" },
        HasContent = true,
        Recipients = [.. recipients.Select(r => new RecipientStatus { Address = r.Address, State = r.State })],
    };

    private static string Written(StatusPage page)
    {
        using var output = new StringWriter { NewLine = "\n" };
        ListText.Write(output, page);
        return output.ToString();
    }
}
