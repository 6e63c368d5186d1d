namespace BoundedMemory;

/// <summary>All probes of a system, in the order in which they build on each other.</summary>
internal static class MemoryProbes
{
    public static IMemoryProbe[] OfThisSystem() =>
        OperatingSystem.IsLinux() ? Linux("/")
        : OperatingSystem.IsWindows() ? [new WindowsProbe(), new GcProbe()]
        : [new WorkingSetProbe(), new GcProbe()];

    /// <param name="root">What all paths are relative to.</param>
    public static IMemoryProbe[] Linux(string root)
    {
        // Whether the machine's memory matters depends on the container's limit.
        var cgroup = new CgroupProbe(root);
        return [cgroup, new ProcProbe(root), new PsiProbe(root, cgroup), new GcProbe()];
    }
}
