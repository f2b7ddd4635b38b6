using System.Diagnostics.Metrics;
using Relay.Support;
using Relay.Telemetry;

namespace Relay.Tests.Certificates;

/// <summary>What happens when a file changes, and when the end comes near.</summary>
public sealed class CertificateRotationTests : IAsyncDisposable
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly CertificateFolder files = new();

    public ValueTask DisposeAsync() => files.DisposeAsync();

    [Fact]
    public async Task A_changed_file_is_for_new_handshakes_while_an_old_session_goes_on()
    {
        await using var server = new TlsServer(await files.OpenAsync(files.WriteNew("mail.pem", "old.example")));
        using var old = await server.ConnectAsync("mail.example", files.Authority);

        files.WriteNew("mail.pem", "new.example");
        await files.LookAsync();

        Assert.Equal(["new.example"], await server.NamesShownAsync("mail.example", files.Authority));
        Assert.Equal(["old.example"], old.Names);
        Assert.Equal("still here"u8.ToArray(), await old.EchoAsync("still here"u8.ToArray()));
        Assert.Equal(2, files.Texts(EventIds.CertificateLoaded).Count());
    }

    [Fact]
    public async Task Only_the_certificate_that_has_changed_is_made_anew()
    {
        var store = await files.OpenAsync(files.WriteNew("1.pem", "one.example"), files.WriteNew("2.pem", "two.example"));
        var (one, two) = (store.OptionsFor("one.example"), store.OptionsFor("two.example"));

        files.WriteNew("1.pem", "one.example");
        await files.LookAsync();
        await files.LookAsync();

        Assert.NotSame(one, store.OptionsFor("one.example"));
        Assert.Same(two, store.OptionsFor("two.example"));
    }

    [Theory]
    [InlineData("live/mail.pem")]
    [InlineData("..data")]
    public async Task A_swapped_link_is_seen_even_when_time_and_length_are_the_same(string link)
    {
        var versions = new[] { "v1", "v2" };
        foreach (var version in versions)
        {
            Directory.CreateDirectory(files.PathOf(version));
            var path = files.WriteNew($"{version}/mail.pem", $"{version}.example").File!;
            File.AppendAllText(path, new string('#', 5000 - (int)new FileInfo(path).Length));
            File.SetLastWriteTimeUtc(path, new DateTime(2026, 1, 1));
        }

        // certbot links the file, Kubernetes its folder.
        var isFile = link.EndsWith(".pem");
        Directory.CreateDirectory(files.PathOf("live"));
        File.CreateSymbolicLink(files.PathOf(link), files.PathOf(isFile ? "v1/mail.pem" : "v1"));
        var file = files.PathOf(isFile ? link : $"{link}/mail.pem");
        var store = await files.OpenAsync(new Relay.Options.CertificateOptions { File = file });
        Assert.Equal("v1.example", store.Expiry[0].Name);

        File.Delete(files.PathOf(link));
        File.CreateSymbolicLink(files.PathOf(link), files.PathOf(isFile ? "v2/mail.pem" : "v2"));
        await files.LookAsync();

        Assert.Equal("v2.example", store.Expiry[0].Name);
    }

    [Fact]
    public async Task A_certificate_whose_key_is_not_there_yet_leaves_the_old_one_until_it_is()
    {
        using var old = files.Authority.Issue("old.example");
        using var renewed = files.Authority.Issue("new.example");
        files.Write("mail.key", CertificateFolder.Key(old));
        var options = files.Write("mail.pem", files.Chain(old)) with { KeyFile = files.PathOf("mail.key") };
        await using var server = new TlsServer(await files.OpenAsync(options));

        files.Write("mail.pem", files.Chain(renewed));
        await files.LookAsync();
        await files.LookAsync();

        Assert.Equal(["old.example"], await server.NamesShownAsync("mail.example", files.Authority));
        var told = Assert.Single(files.Texts(EventIds.CertificateKept));
        Assert.Contains($"{files.PathOf("mail.pem")}: its key is broken, or it is the key of another certificate.", told);

        files.Write("mail.key", CertificateFolder.Key(renewed));
        await files.LookAsync();

        Assert.Equal(["new.example"], await server.NamesShownAsync("mail.example", files.Authority));
        Assert.Single(files.Texts(EventIds.CertificateKept));
    }

    [Fact]
    public async Task Each_trouble_with_a_file_is_told_once_and_again_when_it_comes_back()
    {
        var options = files.WriteNew("mail.pem", "old.example");
        var store = await files.OpenAsync(options);
        var content = File.ReadAllText(options.File!);

        File.Delete(options.File!);
        await files.LookAsync();
        await files.LookAsync();
        Assert.Single(files.Texts(EventIds.CertificateKept));

        File.WriteAllText(options.File!, content);
        await files.LookAsync();
        File.Delete(options.File!);
        await files.LookAsync();

        Assert.Equal(2, files.Texts(EventIds.CertificateKept).Count());
        Assert.Equal("old.example", store.Expiry[0].Name);
        Assert.Single(files.Texts(EventIds.CertificateLoaded));
    }

    [Fact]
    public async Task From_30_days_before_its_end_a_warning_comes_each_day_and_after_it_an_error()
    {
        var end = files.Clock.GetUtcNow() + (31 * Day);
        var store = await files.OpenAsync(files.WriteNew("mail.pem", end, "mail.example"));
        Assert.Empty(files.Texts(EventIds.CertificateNearEnd));
        Assert.Null(store.Expiry[0].Warning(files.Clock.GetUtcNow()));

        await files.LookAsync(Day);
        await files.LookAsync();
        Assert.Equal(
            ["the certificate of mail.example expires in 30 days, at 2026-02-02T03:04:05Z"], files.Texts(EventIds.CertificateNearEnd));
        Assert.Equal("mail.example expires in 29 days, at 2026-02-02T03:04:05Z", store.Expiry[0].Warning(files.Clock.GetUtcNow()));

        await files.LookAsync(Day);
        Assert.Equal(2, files.Texts(EventIds.CertificateNearEnd).Count());
        Assert.Empty(files.Texts(EventIds.CertificateExpired));

        await files.LookAsync(29 * Day);
        await files.LookAsync();
        await files.LookAsync(Day);
        Assert.Equal(2, files.Texts(EventIds.CertificateNearEnd).Count());
        Assert.Equal(2, files.Texts(EventIds.CertificateExpired).Count());
        Assert.Equal("mail.example has expired at 2026-02-02T03:04:05Z", store.Expiry[0].Warning(files.Clock.GetUtcNow()));
    }

    [Fact]
    public async Task A_renewed_certificate_ends_the_warnings()
    {
        await files.OpenAsync(files.WriteNew("mail.pem", files.Clock.GetUtcNow() + Day, "mail.example"));
        Assert.Single(files.Texts(EventIds.CertificateNearEnd));

        files.WriteNew("mail.pem", files.Clock.GetUtcNow() + (90 * Day), "mail.example");
        await files.LookAsync();
        await files.LookAsync(Day);

        Assert.Single(files.Texts(EventIds.CertificateNearEnd));
        Assert.Empty(files.Texts(EventIds.CertificateExpired));
    }

    [Fact]
    public async Task The_gauge_shows_the_days_left_of_each_certificate_while_the_store_is_open()
    {
        // Other stores of this process are seen too: the name tells ours.
        const string Name = "gauge.example";
        var store = await files.OpenAsync(files.WriteNew("mail.pem", files.Clock.GetUtcNow() + (12 * Day), Name, "other.example"));

        Assert.Equal([12], DaysLeft(Name));
        files.Clock.Jump(13 * Day);
        Assert.Equal([-1], DaysLeft(Name));

        await store.DisposeAsync();
        Assert.Empty(DaysLeft(Name));
    }

    private static List<double> DaysLeft(string name)
    {
        var values = new List<double>();
        using var listener = new MeterListener();
        listener.EnableMeasurementEvents(RelayTelemetry.CertificateDaysLeft);
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) =>
        {
            if (tags.ToArray().Contains(KeyValuePair.Create("certificate", (object?)name)))
            {
                values.Add(value);
            }
        });
        listener.RecordObservableInstruments();
        return values;
    }
}
