using Relay.Checks;

namespace Relay.Options;

/// <summary>Reads what is to be known of the filter, and whether it fits the checks.</summary>
internal sealed class FilterReader(SettingsReader reader)
{
    /// <summary>The filter.</summary>
    /// <param name="checks">The checks of the estate.</param>
    /// <param name="listeners">Each may have the filter on for itself.</param>
    public FilterOptions Read(CheckOptions checks, IReadOnlyList<ListenerOptions> listeners)
    {
        var filter = new FilterOptions
        {
            Url = reader.Read(Settings.FilterUrl),
            Password = reader.Read(Settings.FilterPassword),
            Timeout = reader.Read(Settings.FilterTimeout),
            MaxSize = reader.Read(Settings.FilterMaxSize),
        };
        if (filter.Url is not null)
        {
            CheckUrl(filter, filter.Url, checks);
        }
        else if (!reader.IsGiven(Settings.FilterUrl) && listeners.Select(listener => listener.Checks).Append(checks.Modes)
            .Any(modes => modes is not null && modes[CheckName.Filter] != CheckAction.None))
        {
            reader.AddFault(Settings.FilterUrl, null, "must be given where Checks:Filter is not off");
        }

        return filter;
    }

    private void CheckUrl(FilterOptions filter, Uri url, CheckOptions checks)
    {
        if (filter.Timeout >= checks.Timeout)
        {
            reader.AddFault(Settings.FilterTimeout, null, $"must be shorter than {Settings.CheckTimeout.Key}, or nobody hears what the filter says");
        }

        if (filter.Password is not null && url.Scheme != Uri.UriSchemeHttps && !url.IsLoopback)
        {
            reader.AddFault(Settings.FilterPassword, null, "goes to an https URL alone, or to this machine");
        }
    }
}
