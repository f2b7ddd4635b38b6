namespace Relay.Checks;

/// <summary>One check of mail from a client that nobody vouches for.</summary>
public interface ICheck
{
    /// <summary>Its name.</summary>
    CheckName Name { get; }

    /// <summary>When it runs.</summary>
    CheckStage Stage { get; }

    /// <summary>
    /// Looks at what is known. A question that nobody answered is a result that asks for nothing, never a refusal. An exception
    /// counts as that too, and is logged as a fault of ours.
    /// </summary>
    ValueTask<CheckResult> RunAsync(CheckSubject subject, CancellationToken cancel);
}
