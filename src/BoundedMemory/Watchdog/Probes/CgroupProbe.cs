using System.Runtime.CompilerServices;
using System.Text;

namespace BoundedMemory;

/// <summary>The container's limit and use: of the group on the way to the root whose limit is the lowest, version 1 or 2.</summary>
/// <remarks>The use is what counts against the limit less inactive file pages, which the kernel drops first: the figures of one and the same group. It is what the runtime and the kubelet
/// take for the use too. Groups and limits are read again every few seconds: both can change under a running process.</remarks>
internal sealed class CgroupProbe(string root) : IMemoryProbe, IDisposable
{
    /// <summary>From here on limits of version 1 mean none: they are the largest number of pages.</summary>
    private const long Unlimited = 0x7FFFFFFF00000000;

    private static readonly TimeSpan LimitInterval = TimeSpan.FromSeconds(5);

    private readonly List<Group> _groups = [];
    private string? _membership;
    private CgroupPaths? _paths;
    private Group? _tightest;
    private long _limit;
    private TimeSpan _nextLimits = TimeSpan.MinValue;

    /// <summary>Where pressure stall information of the container would be; null if the process is in no group below the root of version 2.</summary>
    public string? PressureDirectory { get; private set; }

    [SkipLocalsInit]
    public void Read(ref MemoryReadings readings)
    {
        if (readings.Now >= _nextLimits)
        {
            _nextLimits = readings.Now + LimitInterval;
            FindGroups(ref readings);
            FindTightest(ref readings);
        }

        if (_tightest is null)
        {
            return;
        }

        readings.ContainerLimit = _limit;
        Span<byte> buffer = stackalloc byte[8192];
        if (ProcText.TryNumber(_tightest.Usage.Read(buffer), out long usage)
            && ProcText.TryNumberAfter(_tightest.Statistics.Read(buffer), _paths!.IsVersion1 ? "total_inactive_file "u8 : "inactive_file "u8, out long inactive))
        {
            readings.ContainerBytes = Math.Max(0, usage - inactive);
        }
        else
        {
            readings.Failures++;
        }
    }

    public void Dispose()
    {
        _groups.ForEach(static group => group.Dispose());
        _groups.Clear();
        _tightest = null;
    }

    private void FindGroups(ref MemoryReadings readings)
    {
        string path = Path.Combine(root, "proc/self/cgroup");
        if (!File.Exists(path))
        {
            return;
        }

        string? membership = TryReadAllText(path);
        readings.Failures += membership is null ? 1 : 0;
        if (membership is null || membership == _membership)
        {
            return;
        }

        Dispose();
        _membership = membership;
        string? mountinfo = TryReadAllText(Path.Combine(root, "proc/self/mountinfo"));
        readings.Failures += mountinfo is null ? 1 : 0;
        _paths = CgroupPaths.Find(root, membership, mountinfo ?? "");
        foreach (string directory in _paths?.Directories ?? [])
        {
            _groups.Add(new Group(directory, _paths!.IsVersion1));
        }

        PressureDirectory = _paths is { IsVersion1: false, Directories: [var own, _, ..] } ? own : null;
    }

    private void FindTightest(ref MemoryReadings readings)
    {
        (Group? tightestBefore, long limitBefore) = (_tightest, _limit);
        (_tightest, _limit) = (null, Unlimited);
        bool isUnread = false;
        Span<byte> buffer = stackalloc byte[8192];
        foreach (Group group in _groups)
        {
            ReadOnlySpan<byte> text = group.Limit.Read(buffer);
            if (ProcText.TryNumber(text, out long limit))
            {
                (_tightest, _limit) = limit < _limit ? (group, limit) : (_tightest, _limit);
            }
            else if (!text.StartsWith("max"u8) && (group.Limit.Exists || group == tightestBefore))
            {
                readings.Failures++;
                isUnread = true;
            }
        }

        // Limits of parents that are not visible here count against the whole of what is: the topmost visible group is nearest to them.
        if (_paths is { IsVersion1: true } && _groups.Count > 0
            && ProcText.TryNumberAfter(_groups[^1].Statistics.Read(buffer), "hierarchical_memory_limit "u8, out long inherited)
            && inherited < _limit)
        {
            (_tightest, _limit) = (_groups[^1], inherited);
        }

        // A limit that cannot be read just now has not gone. (A use that cannot is unknown: that changes all the time.)
        if (isUnread && tightestBefore is not null && limitBefore < _limit)
        {
            (_tightest, _limit) = (tightestBefore, limitBefore);
        }
    }

    private static string? TryReadAllText(string path)
    {
        try
        {
            return File.ReadAllText(path, Encoding.UTF8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The files of one group.</summary>
    private sealed class Group(string directory, bool isVersion1) : IDisposable
    {
        public HeldFile Limit { get; } = new(Path.Combine(directory, isVersion1 ? "memory.limit_in_bytes" : "memory.max"));

        public HeldFile Usage { get; } = new(Path.Combine(directory, isVersion1 ? "memory.usage_in_bytes" : "memory.current"));

        public HeldFile Statistics { get; } = new(Path.Combine(directory, "memory.stat"));

        public void Dispose()
        {
            Limit.Dispose();
            Usage.Dispose();
            Statistics.Dispose();
        }
    }
}
