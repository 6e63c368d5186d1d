namespace BoundedMemory.Monitor.Judging;

/// <summary>How the tool ends.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Investigate = 1;
    public const int Act = 2;
    public const int Error = 3;

    /// <summary>A system to review is no less urgent than a process to act on.</summary>
    public static int Of(Verdict verdict) => verdict switch
    {
        Verdict.Ok => Ok,
        Verdict.Investigate => Investigate,
        _ => Act,
    };
}
