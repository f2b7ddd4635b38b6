namespace Relay.SmtpIngress.Phases;
internal static class AuthPhase { public static ValueTask RunAsync(SmtpSession session) { session.State = SessionState.Ready; session.Answer(SessionReplies.NotImplemented); return default; } }
