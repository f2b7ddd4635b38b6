using Microsoft.Extensions.Configuration;

namespace Relay.Options;

/// <summary>
/// Reads and validates the whole configuration: <c>relay.json</c>, the environment over it, and the command line over both.
/// A wrong configuration is a value with all its faults, never an exception.
/// </summary>
public static class OptionsLoader
{
    private const string FileName = "relay.json";
    private const string DataKey = "Data";

    /// <summary>Reads the configuration.</summary>
    public static OptionsResult Load(OptionsSource source)
    {
        var environment = EnvironmentKeys(source.Environment);
        var file = ConfigurationFile.Read(PathOfFile(source, environment), mustExist: source.ConfigFile is not null);
        if (file.Fault is { } fault)
        {
            return new OptionsResult(null, [fault], file.Path);
        }

        var commandLine = new Dictionary<string, string?>();
        if (source.DataFolder is not null)
        {
            commandLine[DataKey] = source.DataFolder;
        }

        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(file.Keys)
            .AddInMemoryCollection(environment)
            .AddInMemoryCollection(commandLine)
            .Build();
        var reader = new SettingsReader(configuration, key =>
            commandLine.ContainsKey(key) ? "--data"
            : environment.ContainsKey(key) ? Setting.EnvironmentVariable(key)
            : file.Path, key => environment.ContainsKey(key) ? source.WorkingFolder : Path.GetDirectoryName(file.Path)!);
        var options = Read(reader);
        if (!commandLine.ContainsKey(DataKey) && !environment.ContainsKey(DataKey) && file.Keys.GetValueOrDefault(DataKey) is not null)
        {
            options = options with { Data = DataOfFile(options.Data, source, file, reader) };
        }
        else
        {
            options = options with { Data = FullPath(options.Data, source.WorkingFolder) };
        }

        reader.FindUnknownKeys(KnownKeys.Of(Settings.All));
        var read = file.Exists ? file.Path : null;
        return reader.Faults.Count == 0 ? new OptionsResult(options, [], read) : new OptionsResult(null, reader.Faults, read);
    }

    private static RelayOptions Read(SettingsReader reader)
    {
        var defaults = new RelayOptions { HostName = "", Data = "" };
        var hostName = reader.Read(Settings.HostName);
        var spool = reader.Read(Settings.Spool);
        var certificates = new CertificatesReader(reader).Read();
        var checks = new ChecksReader(reader).Read();
        var lists = new ListsReader(reader);
        var listeners = new ListenersReader(reader, certificates.Count > 0, checks.Modes).Read();
        var destinations = new DestinationsReader(reader);
        var destination = destinations.ReadDefault();
        var options = new RelayOptions
        {
            HostName = hostName.Length > 0 ? hostName : HostNames.OfMachine(),
            Data = reader.Read(Settings.Data),
            Spool = spool,
            Shards = new ShardsReader(reader).Read(spool),
            Estate = reader.Read(Settings.Estate) is { Length: > 0 } estate ? estate : null,
            LogLevel = reader.Read(Settings.LogLevel),
            Smtp = ReadSmtp(reader) with { Listeners = listeners ?? DefaultListeners(defaults, certificates) },
            Domains = new DomainsReader(reader).Read(),
            Aliases = new AliasesReader(reader).Read(),
            Srs = new SrsOptions { Domain = Given(reader.Read(Settings.SrsDomain)), Secret = reader.Read(Settings.SrsSecret) },
            Bounces = new BounceOptions { Domain = Given(reader.Read(Settings.BouncesDomain)) },
            Certificates = certificates,
            Auth = ReadAuth(reader),
            Checks = checks,
            Lists = lists.ReadLocal(),
            DnsLists = lists.ReadDns(),
            DnsListThreshold = reader.Read(Settings.DnsListThreshold),
            Attachments = new AttachmentOptions { Names = reader.Read(Settings.AttachmentNames) },
            Filter = new FilterReader(reader).Read(checks, listeners ?? []),
            Dkim = new DkimReader(reader).Read(),
            Arc = new ArcReader(reader).Read(),
            Suppression = new SuppressionOptions
            {
                HardBounces = reader.Read(Settings.SuppressionHardBounces),
                For = reader.Read(Settings.SuppressionFor),
            },
            Http = new HttpOptions { Listener = reader.Read(Settings.HttpListener), Health = reader.Read(Settings.HttpHealth) },
            Acs = new AcsOptions { EventsKey = reader.Read(Settings.AcsEventsKey) },
            Routes = new RoutesReader(reader).Read() ?? defaults.Routes,
            Retry = new RetryOptions
            {
                Delays = reader.Read(Settings.RetryDelays),
                MaxAge = reader.Read(Settings.RetryMaxAge),
                DelayNotice = reader.Read(Settings.RetryDelayNotice),
                Jitter = reader.Read(Settings.RetryJitter),
            },
            Delivery = new DeliveryOptions
            {
                Concurrency = reader.Read(Settings.DeliveryConcurrency),
                ConnectionIdle = reader.Read(Settings.DeliveryConnectionIdle),
                DrainTimeout = reader.Read(Settings.DeliveryDrainTimeout),
                Destination = destination,
            },
            Destinations = destinations.Read(destination),
            Mx = new MxOptions { MtaSts = reader.Read(Settings.MxMtaSts), TlsReports = reader.Read(Settings.MxTlsReports) },
            Dns = new DnsOptions
            {
                Servers = reader.Read(Settings.DnsServers),
                Timeout = reader.Read(Settings.DnsTimeout),
                Validating = reader.Read(Settings.DnsValidating),
            },
            Retention = reader.Read(Settings.Retention),
        };
        CheckListeners(options, reader);
        return options;
    }

    private static string? Given(string value) => value.Length > 0 ? value : null;

    private static SmtpOptions ReadSmtp(SettingsReader reader) => new()
    {
        TrustedNetworks = reader.Read(Settings.SmtpTrustedNetworks),
        AuthWithoutTls = reader.Read(Settings.SmtpAuthWithoutTls),
        XclientNetworks = reader.Read(Settings.SmtpXclientNetworks),
        MaxMessageSize = reader.Read(Settings.SmtpMaxMessageSize),
        MaxRecipients = reader.Read(Settings.SmtpMaxRecipients),
        MaxSessions = reader.Read(Settings.SmtpMaxSessions),
        MaxSessionsPerAddress = reader.Read(Settings.SmtpMaxSessionsPerAddress),
        MaxMessagesPerSession = reader.Read(Settings.SmtpMaxMessagesPerSession),
        MaxCommandsWithoutMail = reader.Read(Settings.SmtpMaxCommandsWithoutMail),
        MaxErrors = reader.Read(Settings.SmtpMaxErrors),
        RatePerAddress = reader.Read(Settings.SmtpRatePerAddress),
        RatePerAccount = reader.Read(Settings.SmtpRatePerAccount),
        IdleTimeout = reader.Read(Settings.SmtpIdleTimeout),
        MinTransferRate = reader.Read(Settings.SmtpMinTransferRate),
        GreetingDelay = reader.Read(Settings.SmtpGreetingDelay),
        MaxHops = reader.Read(Settings.SmtpMaxHops),
    };

    private static AuthOptions ReadAuth(SettingsReader reader)
    {
        var auth = new AuthOptions
        {
            MaxFailuresPerAddress = reader.Read(Settings.AuthMaxFailuresPerAddress),
            MaxFailuresPerAccount = reader.Read(Settings.AuthMaxFailuresPerAccount),
            LockTime = reader.Read(Settings.AuthLockTime),
            TokenAuthority = reader.Read(Settings.AuthTokenAuthority),
            TokenAudiences = reader.Read(Settings.AuthTokenAudiences),
            TokenIssuers = reader.Read(Settings.AuthTokenIssuers),
        };
        if (auth is { TokenAuthority: not null, TokenAudiences.Count: 0 } && !reader.IsGiven(Settings.AuthTokenAudiences))
        {
            reader.AddFault(Settings.AuthTokenAudiences, null, "must be given with an authority: a token that was issued for others must not be taken");
        }

        return auth;
    }

    /// <summary>Without any listener configured: one on loopback, with STARTTLS when there is a certificate.</summary>
    private static IReadOnlyList<ListenerOptions> DefaultListeners(RelayOptions defaults, IReadOnlyList<CertificateOptions> certificates) =>
        [defaults.Smtp.Listeners[0] with { Tls = certificates.Count > 0 ? ListenerTls.StartTls : ListenerTls.Off }];

    private static void CheckListeners(RelayOptions options, SettingsReader reader)
    {
        if (options.Http.Listener.Port != 0 && options.Smtp.Listeners.Any(listener => listener.Address.Equals(options.Http.Listener)))
        {
            reader.AddFault(Settings.HttpListener, null, $"{options.Http.Listener} is taken by Smtp:Listeners; allowed is another one");
        }
    }

    private static Dictionary<string, string?> EnvironmentKeys(IReadOnlyDictionary<string, string> environment)
    {
        var keys = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in environment)
        {
            if (name.StartsWith(Setting.EnvironmentPrefix, StringComparison.OrdinalIgnoreCase))
            {
                keys[name[Setting.EnvironmentPrefix.Length..].Replace("__", ":")] = value;
            }
        }

        return keys;
    }

    private static string PathOfFile(OptionsSource source, Dictionary<string, string?> environment)
    {
        var path = source.ConfigFile
            ?? Path.Combine(source.DataFolder ?? environment.GetValueOrDefault(DataKey) ?? Settings.Data.Default, FileName);
        return FullPath(path, source.WorkingFolder);
    }

    /// <summary>A path in a file is relative to the file. A file that was found by the data folder cannot say that it lies elsewhere.</summary>
    private static string DataOfFile(string data, OptionsSource source, ConfigurationFile file, SettingsReader reader)
    {
        var folder = Path.GetDirectoryName(file.Path)!;
        var full = FullPath(data, folder);
        if (source.ConfigFile is null && full != folder)
        {
            reader.AddFault(Settings.Data, null, $"this file was found because the data folder is {folder}; "
                + "another one is given by --data, by Relay__Data, or in a file that --config names");
        }

        return full;
    }

    /// <summary>A path that cannot be one is told of by the reader, which has its key.</summary>
    private static string FullPath(string path, string folder) =>
        path.Contains('\0') ? path : Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, folder));
}
