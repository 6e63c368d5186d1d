using BoundedMemory.Monitor.Judging;
using BoundedMemory.Monitor.Processes;

namespace BoundedMemory.Monitor.Watching;

/// <summary>A process, and what was seen of it. Keeps its last figures when it has ended. Not thread-safe.</summary>
internal sealed class WatchedProcess(ProcessIdentity identity)
{
    private long _trendOf = -1;
    private Trend? _trend;

    public ProcessIdentity Identity { get; } = identity;

    public ProcessNames Names { get; private set; } = new("", []);

    /// <summary>The name the system keeps, by which a process that has become another program is noticed.</summary>
    public string SystemName { get; private set; } = "";

    public ProcessMemory Memory { get; private set; }

    public int Threads { get; private set; }

    public Series Series { get; } = new();

    /// <summary>The look that no longer found it, in seconds since the first; null while it lives.</summary>
    public double? EndedAt { get; private set; }

    /// <summary>Null while there are too few readings.</summary>
    public Trend? Trend
    {
        get
        {
            if (_trendOf != Series.Count)
            {
                _trendOf = Series.Count;
                _trend = Judging.Trend.Of(Series.Readings);
            }

            return _trend;
        }
    }

    /// <summary>Whether it grows. Of most processes the extremes tell that they do not: no trend is looked for.</summary>
    public bool IsGrowing => Series.Most - Series.Least >= Judging.Trend.LeastRise && Trend is { IsGrowing: true };

    /// <summary>By the greatest size it was seen with: what it has taken once it will take again.</summary>
    public Verdict Judge(Thresholds thresholds) => thresholds.Judge(Series.Most, IsGrowing);

    public void Rename(string systemName, ProcessNames names) => (SystemName, Names) = (systemName, names);

    public void Add(double seconds, in ProcessHead head, in ProcessMemory memory)
    {
        Threads = head.Threads;
        Memory = memory;
        Series.Add(new Reading(seconds, memory.ResidentBytes));
    }

    public void End(double seconds) => EndedAt = seconds;
}
