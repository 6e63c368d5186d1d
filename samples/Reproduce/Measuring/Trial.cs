using System.Diagnostics;
using System.Text.Json.Serialization;
using BoundedMemory;

namespace Reproduce;

/// <summary>What one run of a workload has measured; passed from the process it ran in as JSON.</summary>
internal sealed record Trial
{
    /// <summary>Live heap before the subject was there, with everything else that the workload needs.</summary>
    public required long BaselineBytes { get; init; }

    /// <summary>Live heap with the filled subject, less the baseline.</summary>
    public required long LiveBytes { get; init; }

    /// <summary>Most RAM the process took, from its start to the end of the workload.</summary>
    public required long PeakRssBytes { get; init; }

    /// <summary>RAM the process takes with the filled subject, once the collector has given back all that it can.</summary>
    public required long RssAtRestBytes { get; init; }

    /// <summary>Wall-clock time of the workload.</summary>
    public required double Seconds { get; init; }

    /// <summary>Things held at the end.</summary>
    public required long Entries { get; init; }

    /// <summary>The subject's limit in bytes.</summary>
    public required long? MaxBytes { get; init; }

    /// <summary>The highest reading of each of the subject's bounds.</summary>
    public required IReadOnlyList<BoundReading> Readings { get; init; }

    /// <summary>How often the bounds were read.</summary>
    public required long Samples { get; init; }

    /// <summary>What came in, and what became of it.</summary>
    public required Flow Flow { get; init; }

    /// <summary>What else the scenario wants to know.</summary>
    public required IReadOnlyDictionary<string, double> Facts { get; init; }

    /// <summary>Bytes the subject says it holds; null if it does not count them.</summary>
    public required long? CountedBytes { get; init; }

    /// <summary>Of a cache: what it counted.</summary>
    public required CacheStatistics? Cache { get; init; }

    [JsonIgnore]
    public double LiveMegabytes => Units.Megabytes(LiveBytes);

    /// <summary>Runs a workload on a subject.</summary>
    /// <param name="create">Makes the subject.</param>
    /// <param name="warmUp">A little of the workload, on a subject that is thrown away: loads code, fills pools, and lets the baseline include them.</param>
    /// <param name="work">The workload.</param>
    /// <param name="facts">What else is wanted to be known of the subject in the end.</param>
    public static Trial Run<TSubject>(
        Func<TSubject> create, Action<TSubject> warmUp, Action<TSubject> work, Func<TSubject, IReadOnlyDictionary<string, double>>? facts = null)
        where TSubject : ISubject
    {
        using (TSubject first = create())
        using (new BoundSampler(first.Bounds))
        {
            warmUp(first);
        }

        long baseline = ProcessMemory.LiveHeap();
        using TSubject subject = create();
        var sampler = new BoundSampler(subject.Bounds);
        long start = Stopwatch.GetTimestamp();
        work(subject);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        sampler.Dispose();
        long peak = ProcessMemory.PeakRss();
        return new Trial
        {
            BaselineBytes = baseline,
            LiveBytes = ProcessMemory.LiveHeap() - baseline,
            PeakRssBytes = peak,
            RssAtRestBytes = ProcessMemory.RssAtRest(),
            Seconds = seconds,
            Entries = subject.Entries,
            MaxBytes = subject.MaxBytes,
            Readings = sampler.Readings,
            Samples = sampler.Samples,
            Flow = subject.Flow,
            Facts = facts?.Invoke(subject) ?? new Dictionary<string, double>(),
            CountedBytes = subject.Bounds.FirstOrDefault(bound => bound.IsBytes)?.Read(),
            Cache = subject.Cache,
        };
    }
}
