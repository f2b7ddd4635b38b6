namespace Relay.Spool;

/// <summary>Why a message is kept and goes nowhere.</summary>
/// <param name="Reason">A stable code, one of <see cref="Checks.CheckReasons"/>.</param>
/// <param name="Detail">The cause in words, for the log and the status.</param>
public sealed record QuarantineReason(string Reason, string Detail);
