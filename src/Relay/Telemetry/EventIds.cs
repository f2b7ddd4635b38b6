namespace Relay.Telemetry;

/// <summary>Every log event by number and name; <c>docs/telemetry.md</c> says what each means and what to do about it.</summary>
public static class EventIds
{
    // 1xx: SMTP sessions
    public const int SessionOpened = 100;
    public const int SessionClosed = 101;
    public const int CommandRefused = 102;
    public const int SessionFailed = 103;
    public const int Listening = 104;
    public const int Command = 105;
    public const int ConnectionLost = 106;
    public const int ContentBroken = 107;
    public const int TurnedAway = 108;
    public const int TlsFailed = 109;
    public const int BadProxyHeader = 110;
    public const int Xclient = 111;

    // 2xx: intake and spool
    public const int Accepted = 200;
    public const int TooManyHops = 201;
    public const int SpoolFailed = 202;
    public const int WorkSetAside = 203;
    public const int SpoolSwept = 204;
    public const int SweepFailed = 205;
    public const int QueueChanged = 210;
    public const int AzureNotPut = 220;
    public const int AzurePutAgain = 221;
    public const int AzureMessageUnreadable = 222;
    public const int AzureNotRenewed = 223;
    public const int AzureOrphanRemoved = 224;
    public const int StoresNotSwept = 230;

    // 3xx: steps
    public const int RecipientDelivered = 300;
    public const int RecipientDeferred = 301;
    public const int RecipientBounced = 302;
    public const int RecipientExpired = 303;
    public const int StepFailed = 304;
    public const int Notified = 305;
    public const int StaleCommit = 306;
    public const int PumpSpoolFailed = 307;
    public const int NotNotified = 308;
    public const int RecipientRejected = 309;
    public const int RecipientQuarantined = 310;
    public const int RecipientSubmitted = 311;
    public const int RecipientSuppressed = 312;
    public const int StepHandedOn = 313;
    public const int AddressBookFailed = 350;
    public const int SuppressedRefused = 351;
    public const int SuppressionAdded = 352;
    public const int SuppressionNotAdded = 353;

    public const int Forwarded = 320;
    public const int RemoteReported = 330;
    public const int ReturnedMailKept = 331;

    public const int DestinationBackedOff = 340;
    public const int DestinationReached = 341;

    // 4xx: transports
    public const int TlsFellBack = 400;
    public const int NextHopFailed = 401;
    public const int AttemptCutShort = 402;
    public const int LoginFailed = 410;

    public const int WebhookFailed = 440;
    public const int MailboxFailed = 450;
    public const int StsPolicyChanged = 420;
    public const int StsFetchFailed = 421;
    public const int StsPoliciesNotWritten = 422;
    public const int MxHostPassedOver = 423;
    public const int StsTestFailed = 424;
    public const int TlsRecordsDropped = 425;
    public const int TlsRecordsNotWritten = 426;

    public const int AcsRefusesUs = 430;
    public const int AcsThrottles = 431;
    public const int AcsOperationFailed = 432;
    public const int AcsUnreported = 433;
    public const int AcsReportOfNone = 434;
    public const int AcsReportUnknown = 435;

    // 5xx: HTTP
    public const int RequestFailed = 500;

    // 51x: the function app
    public const int InvocationFailed = 510;
    public const int WorkNotRead = 511;
    public const int PoisonSetAside = 512;
    public const int PoisonUnreadable = 513;
    public const int HandlerNotOpened = 514;

    // 6xx: the process
    public const int Draining = 600;
    public const int Drained = 601;

    // 7xx: accounts and signing in
    public const int SignInsDropped = 700;
    public const int SignInsNotWritten = 701;
    public const int AccountUnreadable = 702;
    public const int SignedIn = 720;
    public const int SignInFailed = 721;
    public const int AccountsFailed = 722;
    public const int LockSet = 723;
    public const int LockLifted = 724;
    public const int TokenKeysFailed = 725;

    // 8xx: certificates
    public const int CertificateLoaded = 800;
    public const int CertificateKept = 801;
    public const int CertificateNearEnd = 802;
    public const int CertificateExpired = 803;

    // 9xx: checks and signing
    public const int CheckFailed = 900;
    public const int CheckRefused = 901;
    public const int CheckStopped = 902;
    public const int DnsListInTrouble = 910;
    public const int DnsListAnswers = 911;
    public const int DnsListLacksTestEntry = 912;
    public const int DmarcRecordsDropped = 940;
    public const int DmarcRecordsNotWritten = 941;
    public const int FilterFailed = 950;
    public const int FilterAnswers = 951;
}
