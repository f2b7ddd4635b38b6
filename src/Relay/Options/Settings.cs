using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Accounts;
using Relay.Checks;
using Relay.Replies;
using Relay.Routing;

namespace Relay.Options;

/// <summary>Every key of the configuration, each declared once. <c>docs/configuration.md</c> is compared with this list.</summary>
internal static class Settings
{
    // Above the declarations: static fields are set in the order of the text.
    private static readonly List<Setting> Declared = [];

    private static readonly RelayOptions Defaults = new() { HostName = "", Data = "" };

    public static readonly Setting<string> HostName = One("HostName", ValueKinds.HostName, "", "the machine's name");
    public static readonly Setting<string> Data = One("Data", ValueKinds.Folder, "./.relay");
    public static readonly Setting<SpoolKind> Spool = One("Spool", SpoolKinds, Defaults.Spool);
    public static readonly Setting<string?> ShardAccount = One("Azure:Shards:*:Account", ShardKinds.Account, null);
    public static readonly Setting<string?> ShardConnectionString = One("Azure:Shards:*:ConnectionString", ShardKinds.ConnectionString, null);
    public static readonly Setting<string> ShardPrefix = One("Azure:Shards:*:Prefix", ShardKinds.Prefix, "");
    public static readonly Setting<string> Estate = One("Estate", ValueKinds.Name, "", "none");
    public static readonly Setting<LogLevel> LogLevel = One("LogLevel", LogLevels, Defaults.LogLevel);

    public static readonly Setting<IPEndPoint> ListenerAddress =
        One("Smtp:Listeners:*:Address", ValueKinds.Listener, Defaults.Smtp.Listeners[0].Address, "none, it must be given; without any listener 127.0.0.1:2525");
    public static readonly Setting<ListenerRole> ListenerRole = One("Smtp:Listeners:*:Role", ListenerRoles, Options.ListenerRole.Mta);
    public static readonly Setting<ListenerTls> ListenerTls =
        One("Smtp:Listeners:*:Tls", ListenerTlsModes, Options.ListenerTls.Off, "starttls where there is a certificate, otherwise off");
    public static readonly ListSetting<IPNetwork> ListenerProxy =
        List("Smtp:Listeners:*:Proxy", ValueKinds.Network, [], mayBeEmpty: true);
    public static readonly Setting<ClientAddress> ListenerClientAddress =
        One("Smtp:Listeners:*:ClientAddress", ClientAddresses, ClientAddress.Known);
    public static readonly IReadOnlyList<Setting<CheckAction>> ListenerChecks =
        [.. CheckNames.Select(check => One($"Smtp:Listeners:*:Checks:{check}", CheckActions, Defaults.Checks.Modes[check], $"as `Checks:{check}`"))];
    public static readonly ListSetting<IPNetwork> SmtpTrustedNetworks =
        List("Smtp:TrustedNetworks", ValueKinds.Network, Defaults.Smtp.TrustedNetworks, mayBeEmpty: true);
    public static readonly ListSetting<IPNetwork> SmtpAuthWithoutTls =
        List("Smtp:AuthWithoutTls", ValueKinds.Network, Defaults.Smtp.AuthWithoutTls, mayBeEmpty: true);
    public static readonly ListSetting<IPNetwork> SmtpXclientNetworks =
        List("Smtp:XclientNetworks", ValueKinds.Network, Defaults.Smtp.XclientNetworks, mayBeEmpty: true);
    public static readonly Setting<long> SmtpMaxMessageSize =
        One("Smtp:MaxMessageSize", ValueKinds.Size(64 * 1024, 1024 * 1024 * 1024), Defaults.Smtp.MaxMessageSize);
    public static readonly Setting<int> SmtpMaxRecipients =
        One("Smtp:MaxRecipients", ValueKinds.Number(100, 100_000), Defaults.Smtp.MaxRecipients);
    public static readonly Setting<int> SmtpMaxSessions =
        One("Smtp:MaxSessions", ValueKinds.Number(1, 1_000_000), Defaults.Smtp.MaxSessions);
    public static readonly Setting<int> SmtpMaxSessionsPerAddress =
        One("Smtp:MaxSessionsPerAddress", ValueKinds.Number(1, 1_000_000), Defaults.Smtp.MaxSessionsPerAddress);
    public static readonly Setting<int> SmtpMaxMessagesPerSession =
        One("Smtp:MaxMessagesPerSession", ValueKinds.Number(1, 1_000_000), Defaults.Smtp.MaxMessagesPerSession);
    public static readonly Setting<int> SmtpMaxCommandsWithoutMail =
        One("Smtp:MaxCommandsWithoutMail", ValueKinds.Number(10, 1_000_000), Defaults.Smtp.MaxCommandsWithoutMail);
    public static readonly Setting<int> SmtpMaxErrors =
        One("Smtp:MaxErrors", ValueKinds.Number(1, 1_000_000), Defaults.Smtp.MaxErrors);
    public static readonly Setting<Rate?> SmtpRatePerAddress = One("Smtp:RatePerAddress", ValueKinds.Rate, Defaults.Smtp.RatePerAddress);
    public static readonly Setting<Rate?> SmtpRatePerAccount = One("Smtp:RatePerAccount", ValueKinds.Rate, Defaults.Smtp.RatePerAccount);
    public static readonly Setting<TimeSpan> SmtpIdleTimeout =
        One("Smtp:IdleTimeout", Duration(seconds: 1, TimeSpan.FromDays(1)), Defaults.Smtp.IdleTimeout);
    public static readonly Setting<long> SmtpMinTransferRate =
        One("Smtp:MinTransferRate", ValueKinds.Size(0, 1024 * 1024), Defaults.Smtp.MinTransferRate);
    public static readonly Setting<TimeSpan> SmtpGreetingDelay =
        One("Smtp:GreetingDelay", Duration(seconds: 0, TimeSpan.FromSeconds(30)), Defaults.Smtp.GreetingDelay);
    public static readonly Setting<int> SmtpMaxHops =
        One("Smtp:MaxHops", ValueKinds.Number(10, 1000), Defaults.Smtp.MaxHops);

    public static readonly Setting<string> AliasAddress = One("Aliases:*:Address", AliasKinds.Address, "", "none, it must be given");
    public static readonly ListSetting<string> AliasTargets = List("Aliases:*:Targets", AliasKinds.Target, []);
    public static readonly Setting<string> SrsDomain = One("Srs:Domain", ValueKinds.HostName, "", "as `HostName`");
    public static readonly Setting<string?> SrsSecret = One("Srs:Secret", AliasKinds.Secret, null, "one that is made and kept in the data folder");
    public static readonly Setting<string> BouncesDomain = One("Bounces:Domain", ValueKinds.HostName, "", "none");

    public static readonly Setting<string> DomainName = One("Domains:*:Name", ValueKinds.DomainPattern, "", "none, it must be given");
    public static readonly ListSetting<string> DomainRecipients = List("Domains:*:Recipients", ValueKinds.LocalPart, ["*"]);

    public static readonly Setting<string?> CertificateFile = One("Certificates:*:File", ValueKinds.File, null);
    public static readonly Setting<string?> CertificateKeyFile = One("Certificates:*:KeyFile", ValueKinds.File, null);
    public static readonly Setting<string?> CertificatePassword = One("Certificates:*:Password", ValueKinds.Secret, null);
    public static readonly Setting<Uri?> CertificateKeyVault = One("Certificates:*:KeyVault", ValueKinds.SecureUrl, null);

    public static readonly Setting<int> AuthMaxFailuresPerAddress =
        One("Auth:MaxFailuresPerAddress", ValueKinds.Number(1, 1_000_000), Defaults.Auth.MaxFailuresPerAddress);
    public static readonly Setting<int> AuthMaxFailuresPerAccount =
        One("Auth:MaxFailuresPerAccount", ValueKinds.Number(1, 1_000_000), Defaults.Auth.MaxFailuresPerAccount);
    public static readonly Setting<TimeSpan> AuthLockTime =
        One("Auth:LockTime", Duration(seconds: 1, TimeSpan.FromDays(7)), Defaults.Auth.LockTime);
    public static readonly Setting<Uri?> AuthTokenAuthority = One("Auth:TokenAuthority", ValueKinds.SecureUrl, null);
    public static readonly ListSetting<string> AuthTokenAudiences = List("Auth:TokenAudiences", ValueKinds.Text, []);
    public static readonly ListSetting<string> AuthTokenIssuers = List("Auth:TokenIssuers", ValueKinds.Text, [], mayBeEmpty: true);

    public static readonly Setting<CheckPlace> CheckPlace = One("Checks:Place", CheckPlaces, Defaults.Checks.Place);
    public static readonly Setting<TimeSpan> CheckTimeout =
        One("Checks:Timeout", Duration(seconds: 1, TimeSpan.FromMinutes(2)), Defaults.Checks.Timeout);
    public static readonly IReadOnlyList<Setting<CheckAction>> Checks =
        [.. CheckNames.Select(check => One($"Checks:{check}", CheckActions, Defaults.Checks.Modes[check]))];

    public static readonly ListSetting<IPNetwork> BlockAddresses = List("Lists:Block:Addresses", ValueKinds.Network, [], mayBeEmpty: true);
    public static readonly ListSetting<string> BlockHelo = List("Lists:Block:Helo", ValueKinds.DomainPattern, [], mayBeEmpty: true);
    public static readonly ListSetting<string> BlockSenders = List("Lists:Block:Senders", ListKinds.Sender, [], mayBeEmpty: true);
    public static readonly ListSetting<string> BlockRecipients = List("Lists:Block:Recipients", ValueKinds.RecipientPattern, [], mayBeEmpty: true);
    public static readonly ListSetting<IPNetwork> AllowAddresses = List("Lists:Allow:Addresses", ValueKinds.Network, [], mayBeEmpty: true);
    public static readonly ListSetting<string> AllowHelo = List("Lists:Allow:Helo", ValueKinds.DomainPattern, [], mayBeEmpty: true);
    public static readonly ListSetting<string> AllowSenders = List("Lists:Allow:Senders", ListKinds.Sender, [], mayBeEmpty: true);
    public static readonly ListSetting<string> AllowRecipients = List("Lists:Allow:Recipients", ValueKinds.RecipientPattern, [], mayBeEmpty: true);

    public static readonly Setting<string> DnsListZone = One("DnsLists:*:Zone", ListKinds.Zone, "", "none, it must be given");
    public static readonly ListSetting<DnsListSubject> DnsListOf = List("DnsLists:*:Of", DnsListSubjects, [DnsListSubject.Address]);
    public static readonly ListSetting<IPNetwork> DnsListReplies =
        List("DnsLists:*:Replies", ListKinds.Reply, new DnsListOptions { Zone = "" }.Replies);
    public static readonly Setting<int> DnsListWeight = One("DnsLists:*:Weight", ValueKinds.Number(1, 1000), 1);
    public static readonly Setting<int> DnsListThreshold =
        One("DnsListThreshold", ValueKinds.Number(1, 100_000), Defaults.DnsListThreshold);

    public static readonly ListSetting<string> AttachmentNames =
        List("Attachments:Names", ValueKinds.FileName, Defaults.Attachments.Names);
    public static readonly Setting<Uri?> FilterUrl = One("Filter:Url", ValueKinds.HttpUrl, null);
    public static readonly Setting<string?> FilterPassword = One("Filter:Password", ValueKinds.Secret, null);
    public static readonly Setting<TimeSpan> FilterTimeout =
        One("Filter:Timeout", Duration(seconds: 1, TimeSpan.FromMinutes(1)), Defaults.Filter.Timeout);
    public static readonly Setting<long> FilterMaxSize =
        One("Filter:MaxSize", ValueKinds.Size(64 * 1024, 1024 * 1024 * 1024), Defaults.Filter.MaxSize);

    public static readonly Setting<string> DkimDomain = One("Dkim:*:Domain", ValueKinds.HostName, "", "none, it must be given");
    public static readonly Setting<string> DkimSelector = One("Dkim:*:Selector", ValueKinds.Selector, "", "none, it must be given");
    public static readonly Setting<string?> DkimKeyFile = One("Dkim:*:KeyFile", ValueKinds.File, null);
    public static readonly Setting<Uri?> DkimKeyVault = One("Dkim:*:KeyVault", ValueKinds.SecureUrl, null);

    public static readonly Setting<string> ArcDomain = One("Arc:Domain", ValueKinds.HostName, "", "none");
    public static readonly Setting<string> ArcSelector = One("Arc:Selector", ValueKinds.Selector, "", "none");
    public static readonly Setting<string?> ArcKeyFile = One("Arc:KeyFile", ValueKinds.File, null);
    public static readonly Setting<Uri?> ArcKeyVault = One("Arc:KeyVault", ValueKinds.SecureUrl, null);
    public static readonly ListSetting<string> ArcTrustedSealers =
        List("Arc:TrustedSealers", ValueKinds.HostName, Defaults.Arc.TrustedSealers, mayBeEmpty: true);

    public static readonly Setting<bool> SuppressionHardBounces =
        One("Suppression:HardBounces", ValueKinds.OnOff, Defaults.Suppression.HardBounces);
    public static readonly Setting<TimeSpan> SuppressionFor =
        One("Suppression:For", Duration(seconds: 1, TimeSpan.FromDays(3650)), Defaults.Suppression.For);

    public static readonly Setting<IPEndPoint> HttpListener =
        One("Http:Listener", ValueKinds.Listener, Defaults.Http.Listener);
    public static readonly Setting<IPEndPoint> HttpHealth = One("Http:Health", ValueKinds.Listener, null!, "none");

    public static readonly Setting<string?> AcsEventsKey = One("Acs:EventsKey", ValueKinds.Secret, null);

    public static readonly Setting<string> RouteName = One("Routes:*:Name", ValueKinds.Name, "", "kind and number, such as mx-2");
    public static readonly Setting<RouteKind> RouteKind = One("Routes:*:Kind", RouteKinds, default, "none, it must be given");
    public static readonly ListSetting<string> RouteRecipients = List("Routes:*:Recipients", ValueKinds.RecipientPattern, ["*"], mayBeEmpty: true);
    public static readonly ListSetting<string> RouteSenders = List("Routes:*:Senders", ListKinds.Sender, []);
    public static readonly ListSetting<string> RouteAccounts = List("Routes:*:Accounts", RouteConditionKinds.Account, []);
    public static readonly Setting<long> RouteMinSize = One("Routes:*:MinSize", RouteSize, 0, "none");
    public static readonly Setting<long> RouteMaxSize = One("Routes:*:MaxSize", RouteSize, long.MaxValue, "none");
    public static readonly ListSetting<HeaderPattern> RouteHeaders = List("Routes:*:Headers", RouteConditionKinds.Header, []);
    public static readonly ListSetting<string> RouteEstates = List("Routes:*:Estates", ValueKinds.Name, []);
    public static readonly ListSetting<HostPort> RouteHosts = List("Routes:*:Hosts", ValueKinds.Host, []);
    public static readonly Setting<int> RoutePort = One("Routes:*:Port", ValueKinds.Number(1, 65535), 25);
    public static readonly Setting<string> RouteFallback = One("Routes:*:Fallback", ValueKinds.Name, "", "none");
    public static readonly ListSetting<string> RouteTargets = List("Routes:*:Targets", AliasKinds.Target, []);
    public static readonly Setting<TlsMode> RouteTls = One("Routes:*:Tls", TlsModes, TlsMode.Opportunistic);
    public static readonly Setting<SmtpReply?> RouteReply = One("Routes:*:Reply", RouteConditionKinds.Reply, null);
    public static readonly ListSetting<string> RouteAllowedRecipients =
        List("Routes:*:AllowedRecipients", ValueKinds.RecipientPattern, [], mayBeEmpty: true);

    public static readonly Setting<SmarthostPreset> RoutePreset = One("Routes:*:Preset", SmarthostPresets, SmarthostPreset.None);
    public static readonly Setting<SmarthostAuth> RouteAuth =
        One("Routes:*:Auth", SmarthostAuths, SmarthostAuth.Auto, "auto where there is a User or a PasswordFile, otherwise off");
    public static readonly Setting<string> RouteUser = One("Routes:*:User", ValueKinds.Text, "", "none");
    public static readonly Setting<string?> RoutePassword = One("Routes:*:Password", ValueKinds.Secret, null);
    public static readonly Setting<string?> RoutePasswordFile = One("Routes:*:PasswordFile", ValueKinds.File, null);
    public static readonly Setting<string> RouteTokenScope = One("Routes:*:TokenScope", ValueKinds.Text, new SmarthostRoute().TokenScope);
    public static readonly Setting<int> RouteConcurrency =
        One("Routes:*:Concurrency", ValueKinds.Number(1, 10_000), 20, "as Delivery:Destination:Concurrency");
    public static readonly Setting<Rate?> RouteRate =
        One("Routes:*:Rate", ValueKinds.Rate, Defaults.Delivery.Destination.Rate, "as Delivery:Destination:Rate");
    public static readonly Setting<int> RouteMaxRecipients = One("Routes:*:MaxRecipients", ValueKinds.Number(1, 100), 100);

    public static readonly Setting<RouteFormat> RouteFormat =
        One("Routes:*:Format", RouteFormats, Options.RouteFormat.Default, "maildir, or mime");
    public static readonly Setting<string> RoutePath = One("Routes:*:Path", ValueKinds.Text, "", "none");
    public static readonly Setting<Uri?> RouteContainer = One("Routes:*:Container", ValueKinds.SecureUrl, null);
    public static readonly Setting<Uri?> RouteUrl = One("Routes:*:Url", ValueKinds.SecureUrl, null);
    public static readonly Setting<string?> RouteSecret = One("Routes:*:Secret", ValueKinds.Secret, null);
    public static readonly Setting<TimeSpan> RouteTimeout =
        One("Routes:*:Timeout", Duration(seconds: 1, TimeSpan.FromMinutes(5)), TimeSpan.FromSeconds(30));
    public static readonly Setting<bool> RouteAllowPrivate = One("Routes:*:AllowPrivate", ValueKinds.OnOff, false);
    public static readonly Setting<Uri?> RouteEndpoint = One("Routes:*:Endpoint", ValueKinds.SecureUrl, null);
    public static readonly Setting<AcsConnection?> RouteConnectionString = One("Routes:*:ConnectionString", AcsValueKinds.Connection, null);
    public static readonly ListSetting<string> RouteFrom = List("Routes:*:From", ValueKinds.RecipientPattern, ["*"]);
    public static readonly ListSetting<AcsLoss> RouteMayLose = List("Routes:*:MayLose", AcsValueKinds.Loss, [AcsLoss.OtherRecipients], mayBeEmpty: true);
    public static readonly Setting<int> RoutePerMinute = One("Routes:*:PerMinute", ValueKinds.Number(1, 1_000_000), 30);
    public static readonly Setting<int> RoutePerHour = One("Routes:*:PerHour", ValueKinds.Number(1, 1_000_000), 100);
    public static readonly Setting<WhenSpent> RouteWhenSpent = One("Routes:*:WhenSpent", AcsValueKinds.Spent, WhenSpent.Defer);
    public static readonly Setting<bool> RouteDeliveryReports = One("Routes:*:DeliveryReports", ValueKinds.OnOff, true);

    public static readonly ListSetting<TimeSpan> RetryDelays =
        List("Retry:Delays", Duration(seconds: 1, TimeSpan.FromDays(7)), Defaults.Retry.Delays);
    public static readonly Setting<TimeSpan> RetryMaxAge =
        One("Retry:MaxAge", Duration(seconds: 1, TimeSpan.FromDays(30)), Defaults.Retry.MaxAge);
    public static readonly Setting<TimeSpan> RetryDelayNotice =
        One("Retry:DelayNotice", Duration(seconds: 0, TimeSpan.FromDays(30)), Defaults.Retry.DelayNotice);
    public static readonly Setting<double> RetryJitter =
        One("Retry:Jitter", ValueKinds.Fraction(0, 1), Defaults.Retry.Jitter);

    public static readonly Setting<int> DeliveryConcurrency =
        One("Delivery:Concurrency", ValueKinds.Number(1, 10_000), Defaults.Delivery.Concurrency);
    public static readonly Setting<TimeSpan> DeliveryConnectionIdle =
        One("Delivery:ConnectionIdle", Duration(seconds: 0, TimeSpan.FromMinutes(5)), Defaults.Delivery.ConnectionIdle);
    public static readonly Setting<TimeSpan> DeliveryDrainTimeout =
        One("Delivery:DrainTimeout", Duration(seconds: 0, TimeSpan.FromHours(1)), Defaults.Delivery.DrainTimeout);

    public static readonly Setting<int> DeliveryDestinationConcurrency =
        One("Delivery:Destination:Concurrency", ValueKinds.Number(1, 10_000), Defaults.Delivery.Destination.Concurrency);
    public static readonly Setting<Rate?> DeliveryDestinationRate =
        One("Delivery:Destination:Rate", ValueKinds.Rate, Defaults.Delivery.Destination.Rate);
    public static readonly Setting<string> DestinationDomain =
        One("Destinations:*:Domain", ValueKinds.DomainPattern, "", "none, it must be given");
    public static readonly Setting<int> DestinationConcurrency =
        One("Destinations:*:Concurrency", ValueKinds.Number(1, 10_000), Defaults.Delivery.Destination.Concurrency, "as `Delivery:Destination:Concurrency`");
    public static readonly Setting<Rate?> DestinationRate =
        One("Destinations:*:Rate", ValueKinds.Rate, Defaults.Delivery.Destination.Rate, "as `Delivery:Destination:Rate`");
    public static readonly Setting<bool> MxMtaSts = One("Mx:MtaSts", ValueKinds.OnOff, Defaults.Mx.MtaSts);
    public static readonly Setting<bool> MxTlsReports = One("Mx:TlsReports", ValueKinds.OnOff, Defaults.Mx.TlsReports);

    public static readonly ListSetting<IPEndPoint> DnsServers =
        List("Dns:Servers", ValueKinds.NameServer, Defaults.Dns.Servers, mayBeEmpty: true);
    public static readonly Setting<TimeSpan> DnsTimeout =
        One("Dns:Timeout", ValueKinds.Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)), Defaults.Dns.Timeout);
    public static readonly Setting<bool> DnsValidating = One("Dns:Validating", ValueKinds.OnOff, Defaults.Dns.Validating);

    public static readonly Setting<TimeSpan> Retention =
        One("Retention", Duration(seconds: 60, TimeSpan.FromDays(3650)), Defaults.Retention);

    /// <summary>All of them, in the order of the document.</summary>
    public static IReadOnlyList<Setting> All => Declared;

    private static ValueKind<LogLevel> LogLevels => ValueKinds.OneOf(
        ("trace", Microsoft.Extensions.Logging.LogLevel.Trace), ("debug", Microsoft.Extensions.Logging.LogLevel.Debug),
        ("information", Microsoft.Extensions.Logging.LogLevel.Information), ("warning", Microsoft.Extensions.Logging.LogLevel.Warning),
        ("error", Microsoft.Extensions.Logging.LogLevel.Error), ("none", Microsoft.Extensions.Logging.LogLevel.None));

    private static ValueKind<SpoolKind> SpoolKinds => ValueKinds.OneOf(("embedded", SpoolKind.Embedded), ("azure", SpoolKind.Azure));

    private static ValueKind<ListenerRole> ListenerRoles => ValueKinds.OneOf(
        ("mta", Options.ListenerRole.Mta), ("submission", Options.ListenerRole.Submission));

    private static ValueKind<ListenerTls> ListenerTlsModes => ValueKinds.OneOf(
        ("off", Options.ListenerTls.Off), ("starttls", Options.ListenerTls.StartTls), ("implicit", Options.ListenerTls.Implicit));

    private static ValueKind<ClientAddress> ClientAddresses => ValueKinds.OneOf(
        ("known", ClientAddress.Known), ("unknown", ClientAddress.Unknown));

    private static CheckName[] CheckNames => Enum.GetValues<CheckName>();

    private static ValueKind<CheckAction> CheckActions => ValueKinds.OneOf(
        ("off", CheckAction.None), ("tag", CheckAction.Tag), ("quarantine", CheckAction.Quarantine), ("reject", CheckAction.Reject));

    private static ValueKind<CheckPlace> CheckPlaces => ValueKinds.OneOf(
        ("session", Options.CheckPlace.Session), ("queue", Options.CheckPlace.Queue));

    private static ValueKind<DnsListSubject> DnsListSubjects => ValueKinds.OneOf(
        ("address", DnsListSubject.Address), ("helo", DnsListSubject.Helo),
        ("sender", DnsListSubject.Sender), ("rdns", DnsListSubject.ReverseDns));

    private static ValueKind<RouteKind> RouteKinds => ValueKinds.OneOf(
        ("capture", Routing.RouteKind.Capture), ("discard", Routing.RouteKind.Discard),
        ("mx", Routing.RouteKind.Mx), ("smarthost", Routing.RouteKind.Smarthost), ("acs", Routing.RouteKind.Acs),
        ("mailbox", Routing.RouteKind.Mailbox), ("webhook", Routing.RouteKind.Webhook),
        ("forward", Routing.RouteKind.Forward), ("reject", Routing.RouteKind.Reject));

    private static ValueKind<SmarthostPreset> SmarthostPresets => ValueKinds.OneOf(
        ("none", SmarthostPreset.None), ("acs", SmarthostPreset.Acs));

    private static ValueKind<SmarthostAuth> SmarthostAuths => ValueKinds.OneOf(
        ("off", SmarthostAuth.Off), ("auto", SmarthostAuth.Auto), ("plain", SmarthostAuth.Plain), ("login", SmarthostAuth.Login),
        ("scram-sha-256", SmarthostAuth.ScramSha256), ("xoauth2", SmarthostAuth.XOAuth2));

    private static ValueKind<RouteFormat> RouteFormats => ValueKinds.OneOf(
        ("maildir", Options.RouteFormat.Maildir), ("mbox", Options.RouteFormat.Mbox), ("blob", Options.RouteFormat.Blob),
        ("mime", Options.RouteFormat.Mime), ("json", Options.RouteFormat.Json));
    private static ValueKind<long> RouteSize => ValueKinds.Size(1, 1024L * 1024 * 1024);

    private static ValueKind<TlsMode> TlsModes => ValueKinds.OneOf(
        ("opportunistic", TlsMode.Opportunistic), ("required", TlsMode.Required), ("off", TlsMode.Off));

    private static ValueKind<TimeSpan> Duration(int seconds, TimeSpan max) =>
        ValueKinds.Duration(TimeSpan.FromSeconds(seconds), max);

    private static Setting<T> One<T>(string key, ValueKind<T> kind, T @default, string? defaultText = null) =>
        Declare(new Setting<T>(key, kind, @default, defaultText ?? kind.Format(@default)));

    private static ListSetting<T> List<T>(string key, ValueKind<T> kind, IReadOnlyList<T> @default, bool mayBeEmpty = false) =>
        Declare(new ListSetting<T>(key, kind, @default, mayBeEmpty));

    private static T Declare<T>(T setting)
        where T : Setting
    {
        Declared.Add(setting);
        return setting;
    }
}
