namespace BoundedMemory.Comparison;

/// <summary>Something that is compared: its workloads, who takes part, what is measured. One file each.</summary>
internal abstract class Area
{
    public static readonly Area[] All =
    [
        new Hits(), new ReadThrough(), new Evict(), new Memory(), new Ring(), new Queue(), new Hub(), new Conversations(), new WatchdogArea(), new Budget(),
    ];

    /// <summary>Its name on the command line and in the CSV.</summary>
    public abstract string Name { get; }

    public abstract IReadOnlyList<Metric> Metrics { get; }

    /// <summary>The subjects by which the two ratio columns divide; null where there is none to compare with.</summary>
    public abstract (string? MemoryCache, string? ConcurrentDictionary) Baselines { get; }

    /// <summary>Times are measured, so nothing else may run meanwhile.</summary>
    public virtual bool RunsAlone => true;

    /// <summary>Repetitions in one process; then a new one starts, with its own code and data addresses and hash seeds.</summary>
    public virtual int RepetitionsPerProcess => 4;

    public abstract IReadOnlyList<Workload> Workloads(Plan plan);

    /// <summary>In the subject's own process: makes everything that a repetition needs, and runs it until it is as fast as it gets.</summary>
    public abstract IMeasured Prepare(string workload, string subject, Plan plan);
}

/// <summary>A workload, the subjects it is run with, and with how many threads.</summary>
internal sealed record Workload(string Name, IReadOnlyList<string> Subjects, IReadOnlyList<int> Threads);

/// <summary>Something measured in each repetition.</summary>
/// <param name="Name">As in the CSV.</param>
/// <param name="IsBetterIfHigher">Decides which way the ratios are taken.</param>
internal sealed record Metric(string Name, bool IsBetterIfHigher)
{
    public static readonly Metric Mops = new("mops", IsBetterIfHigher: true);
    public static readonly Metric NanosecondsPerOperation = new("ns_per_op", IsBetterIfHigher: false);
    public static readonly Metric CpuPerOperation = new("cpu_ns_per_op", IsBetterIfHigher: false);
    public static readonly Metric BytesPerOperation = new("B_per_op", IsBetterIfHigher: false);
    public static readonly Metric GcPause = new("gc_pause_percent", IsBetterIfHigher: false);

    /// <summary>What every workload has that is measured by time.</summary>
    public static readonly Metric[] Timed = [Mops, NanosecondsPerOperation, CpuPerOperation, BytesPerOperation, GcPause];
}

/// <summary>A subject in its process, ready to be measured.</summary>
internal interface IMeasured : IDisposable
{
    /// <summary>One repetition.</summary>
    Measurement Run(int threads);
}

/// <summary>What one repetition gave.</summary>
/// <param name="Values">Metrics by name; one that does not apply is left out.</param>
/// <param name="Disturbance">Part of the machine that other processes used meanwhile.</param>
internal sealed record Measurement(IReadOnlyDictionary<string, double> Values, double Disturbance);
