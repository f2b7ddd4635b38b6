using Microsoft.Extensions.Logging;
using Relay.Checks.Filter;
using Relay.Options;

namespace Relay.Checks.Content;

/// <summary>The checks that look at the content itself, whoever sent it.</summary>
public static class ContentChecks
{
    /// <summary>A client for the filter, for <see cref="Create"/>; null where there is no filter.</summary>
    public static HttpClient? CreateHttp(RelayOptions options) => options.Filter.Url is null ? null : FilterClient.CreateHttp();

    /// <summary>All of them; that of the filter where there is one.</summary>
    /// <param name="http">From <see cref="CreateHttp"/>; it is not disposed of.</param>
    public static IReadOnlyList<ICheck> Create(RelayOptions options, HttpClient? http, TimeProvider time, ILoggerFactory logs)
    {
        List<ICheck> checks = [new HeaderCheck(), new AttachmentsCheck(options.Attachments)];
        if (http is not null)
        {
            checks.Add(new FilterCheck(options.Filter, http, time, logs.CreateLogger<FilterCheck>()));
        }

        return checks;
    }
}
