using Microsoft.Extensions.Logging;
using Relay.Telemetry;

namespace Relay.Certificates;

/// <summary>One certificate, and the source that it is compared with as long as the relay runs.</summary>
internal sealed partial class WatchedCertificate(ICertificateSource source, TimeProvider time, ILogger log)
{
    /// <summary>How often the same is told again.</summary>
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromDays(1);

    private ServerCertificate? current;
    private string? seen;
    private string? trouble;
    private CertificateState told;
    private DateTimeOffset toldAt;

    public ServerCertificate Current => current ?? throw new InvalidOperationException("nothing was loaded yet");

    /// <summary>Loads it unless it is what was seen last. True when there is something new.</summary>
    /// <exception cref="CertificateException">It cannot be loaded.</exception>
    public async Task<bool> LoadAsync(CancellationToken cancel)
    {
        var material = await source.ReadAsync(cancel);
        trouble = null;
        var fingerprint = material.Fingerprint();
        if (fingerprint == seen)
        {
            return false;
        }

        seen = fingerprint;
        current = CertificateParser.Parse(material);
        told = CertificateState.Valid;
        LogLoaded(material.Source, string.Join(", ", Current.Expiry.Names), Current.Expiry.End);
        return true;
    }

    /// <summary>Looks at the source until cancelled. Whatever is wrong with something new, what was loaded before stays.</summary>
    public async Task WatchAsync(Action changed, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                Remind();
                await Task.Delay(source.Period, time, cancel);
                if (await TryLoadAsync(cancel))
                {
                    changed();
                }
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The relay stops.
        }
    }

    private async Task<bool> TryLoadAsync(CancellationToken cancel)
    {
        try
        {
            return await LoadAsync(cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            // Told once: the next look will most likely find the same.
            if (e.Message != trouble)
            {
                trouble = e.Message;
                LogKept(e is CertificateException ? null : e, Current.Expiry.Name, e.Message);
            }

            return false;
        }
    }

    private void Remind()
    {
        var now = time.GetUtcNow();
        var expiry = Current.Expiry;
        var state = expiry.StateAt(now);
        if (state == CertificateState.Valid || (state == told && now - toldAt < ReminderPeriod))
        {
            return;
        }

        (told, toldAt) = (state, now);
        if (state == CertificateState.Expired)
        {
            LogExpired(expiry.Name, expiry.End);
        }
        else
        {
            LogNearEnd(expiry.Name, expiry.WholeDaysLeft(now), expiry.End);
        }
    }

    [LoggerMessage(EventIds.CertificateLoaded, LogLevel.Information, "certificate {Source} for {Names}, until {End}")]
    private partial void LogLoaded(string source, string names, string end);

    [LoggerMessage(EventIds.CertificateKept, LogLevel.Error, "the certificate of {Name} could not be renewed, the one before stays: {Cause}")]
    private partial void LogKept(Exception? exception, string name, string cause);

    [LoggerMessage(EventIds.CertificateNearEnd, LogLevel.Warning, "the certificate of {Name} expires in {Days} days, at {End}")]
    private partial void LogNearEnd(string name, int days, string end);

    [LoggerMessage(EventIds.CertificateExpired, LogLevel.Error, "the certificate of {Name} has expired at {End}")]
    private partial void LogExpired(string name, string end);
}
