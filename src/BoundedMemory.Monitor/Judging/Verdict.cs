namespace BoundedMemory.Monitor.Judging;

/// <summary>What is to be done about a process, or about all of them together.</summary>
internal enum Verdict
{
    /// <summary>Nothing.</summary>
    Ok = 0,

    /// <summary>Look into it: it is large, or keeps growing.</summary>
    Investigate = 1,

    /// <summary>Now: it is very large.</summary>
    Act = 2,

    /// <summary>All processes together take too much: review the system.</summary>
    Review = 3,
}
