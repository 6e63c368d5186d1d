using System.Globalization;
using BoundedMemory.Monitor.CommandLine;
using BoundedMemory.Monitor.Judging;
using BoundedMemory.Monitor.Processes;

namespace BoundedMemory.Monitor.Watching;

/// <summary>Looks at the processes of interest, again and again, and keeps what it saw. Not thread-safe.</summary>
/// <remarks>
/// A number is of the process that had it at the first look: one that gets it later is another process, and was not asked for. A name is of every process that has it at any
/// look. Without either, everything is of interest but the monitor itself.
/// </remarks>
/// <param name="reader">Where processes are read from.</param>
/// <param name="targets">Those of interest.</param>
/// <param name="own">The number of the monitor.</param>
/// <param name="capacity">How many processes are kept; of more, those are forgotten first that have ended, are small and did not grow.</param>
internal sealed class Watch(IProcessReader reader, Targets targets, int own, int capacity = Watch.MostProcesses)
{
    /// <summary>At some 16 KB each.</summary>
    public const int MostProcesses = 1000;

    private readonly Dictionary<int, WatchedProcess> _alive = [];
    private readonly List<WatchedProcess> _processes = [];
    private readonly List<string> _problems = [];
    private readonly HashSet<string> _namesSeen = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Processes that were looked at and are not of interest, by number: they need not be asked for their names again.</summary>
    private Dictionary<int, ProcessHead> _others = [];

    private Dictionary<int, ProcessHead> _othersNow = [];

    /// <summary>The greatest size of any that was forgotten: the verdict stands.</summary>
    private long _mostForgotten;

    /// <summary>Those that are watched and those that have ended, in the order in which they were found.</summary>
    public IReadOnlyList<WatchedProcess> Processes => _processes;

    /// <summary>Numbers that were asked for and could not be read at the first look, and why.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Names that no process had at any look.</summary>
    public IEnumerable<string> NamesNotSeen => targets.Names.Where(name => !_namesSeen.Contains(name));

    /// <summary>How often it has looked.</summary>
    public long Looks { get; private set; }

    /// <summary>The moment of the last look, in seconds since the first.</summary>
    public double Seconds { get; private set; }

    /// <summary>All together at the last look.</summary>
    public Totals Total { get; private set; }

    /// <summary>The most that all took together at any look.</summary>
    public long MostTotalBytes { get; private set; }

    /// <summary>Processes that the user may not read, at the last look.</summary>
    public int Unreadable { get; private set; }

    /// <summary>Processes that had ended and were forgotten, for want of room.</summary>
    public long Forgotten { get; private set; }

    /// <summary>Processes of interest for which there was no room, at the last look; they are not in the total.</summary>
    public int LeftOut { get; private set; }

    /// <summary>Whether nothing is left to watch, and nothing will come.</summary>
    public bool IsOver => Looks > 0 && targets is { Names.Count: 0, Pids.Count: > 0 } && _alive.Count == 0;

    /// <summary>Looks at all of them once.</summary>
    /// <param name="seconds">The moment, in seconds since the first look.</param>
    public void Look(double seconds)
    {
        bool isFirst = Looks++ == 0;
        Seconds = seconds;
        Unreadable = 0;
        LeftOut = 0;
        Total = default;
        (_others, _othersNow) = (_othersNow, _others);
        _othersNow.Clear();

        IEnumerable<int> pids = targets is { Names.Count: 0, Pids.Count: > 0 } ? targets.Pids : reader.List();
        var seen = new HashSet<int>();
        foreach (int pid in pids)
        {
            if (LookAt(pid, seconds, isFirst) && seen.Add(pid))
            {
                WatchedProcess process = _alive[pid];
                Total = new Totals(
                    Total.Processes + 1,
                    Total.ResidentBytes + process.Memory.ResidentBytes,
                    Total.PrivateBytes + (process.Memory.PrivateBytes ?? 0),
                    Total.SwapBytes + (process.Memory.SwapBytes ?? 0),
                    Total.Threads + process.Threads);
            }
        }

        foreach (WatchedProcess process in _alive.Values.Where(process => !seen.Contains(process.Identity.Pid)).ToArray())
        {
            End(process, seconds);
        }

        if (isFirst)
        {
            _problems.AddRange(targets.Pids.Where(pid => !seen.Contains(pid)).Select(WhyNot));
        }

        MostTotalBytes = Math.Max(MostTotalBytes, Total.ResidentBytes);
    }

    /// <summary>Those with the most urgent verdict first, then the largest.</summary>
    public IReadOnlyList<WatchedProcess> InOrder(Thresholds thresholds) =>
    [
        .. _processes
            .OrderByDescending(process => process.Judge(thresholds))
            .ThenBy(process => process.EndedAt is not null)
            .ThenByDescending(process => process.Memory.ResidentBytes)
            .ThenBy(process => process.Identity.Pid),
    ];

    /// <summary>The most urgent verdict: of any process, and of all together.</summary>
    public Verdict Judge(Thresholds thresholds)
    {
        Verdict verdict = Worse(thresholds.JudgeTotal(MostTotalBytes), thresholds.Judge(_mostForgotten));
        foreach (WatchedProcess process in _processes)
        {
            verdict = Worse(verdict, process.Judge(thresholds));
        }

        return verdict;
    }

    private static Verdict Worse(Verdict one, Verdict other) => one > other ? one : other;

    /// <summary>Reads one process.</summary>
    /// <returns>Whether it is watched, and alive.</returns>
    private bool LookAt(int pid, double seconds, bool isFirst)
    {
        ReadOutcome outcome = reader.Identify(pid, out ProcessHead head);
        WatchedProcess? known = _alive.GetValueOrDefault(pid);
        if (outcome != ReadOutcome.Read)
        {
            Unreadable += outcome == ReadOutcome.Denied ? 1 : 0;
            return known is not null && outcome == ReadOutcome.Denied;
        }

        if (known is not null && known.Identity != head.Identity)
        {
            End(known, seconds);
            known = null;
        }

        if (known is null)
        {
            if (_others.TryGetValue(pid, out ProcessHead other) && other.Identity == head.Identity && other.Name == head.Name)
            {
                _othersNow[pid] = head;
                return false;
            }

            return Begin(head, seconds, isFirst);
        }

        if (known.SystemName != head.Name && !Follow(known, head))
        {
            return false;
        }

        return Measure(known, head, seconds);
    }

    private bool Begin(in ProcessHead head, double seconds, bool isFirst)
    {
        int pid = head.Identity.Pid;
        bool isAskedFor = isFirst && targets.Pids.Contains(pid);
        ProcessNames names = reader.Describe(head);
        if (!isAskedFor && (!IsWanted(names) || (targets.IsEverything && pid == own)))
        {
            _othersNow[pid] = head;
            return false;
        }

        ReadOutcome outcome = reader.Measure(head, out ProcessMemory memory);
        if (outcome != ReadOutcome.Read)
        {
            Unreadable += outcome == ReadOutcome.Denied ? 1 : 0;
            if (outcome == ReadOutcome.NoMemory)
            {
                _othersNow[pid] = head;
            }

            return false;
        }

        _namesSeen.UnionWith(targets.Names.Where(names.Match));
        if (!HasRoom())
        {
            LeftOut++;
            return false;
        }

        var process = new WatchedProcess(head.Identity);
        process.Rename(head.Name, names);
        process.Add(seconds, head, memory);
        _alive.Add(pid, process);
        _processes.Add(process);
        return true;
    }

    /// <summary>A process has become another program. One that was seen but once may have been the moment between its birth, as a copy of its parent, and its program: if that was not asked for, neither was it.</summary>
    private bool Follow(WatchedProcess process, in ProcessHead head)
    {
        ProcessNames names = reader.Describe(head);
        if (process.Series.Count < 2 && !IsWanted(names) && !targets.Pids.Contains(process.Identity.Pid))
        {
            _alive.Remove(process.Identity.Pid);
            _processes.Remove(process);
            _othersNow[process.Identity.Pid] = head;
            return false;
        }

        process.Rename(head.Name, names);
        return true;
    }

    private bool Measure(WatchedProcess process, in ProcessHead head, double seconds)
    {
        ReadOutcome outcome = reader.Measure(head, out ProcessMemory memory);
        if (outcome == ReadOutcome.Read)
        {
            process.Add(seconds, head, memory);
            return true;
        }

        // It is there, and cannot be read for once: the last figures stand.
        Unreadable += outcome == ReadOutcome.Denied ? 1 : 0;
        return outcome == ReadOutcome.Denied;
    }

    private bool IsWanted(ProcessNames names) => targets.IsEverything || targets.Names.Any(names.Match);

    private void End(WatchedProcess process, double seconds)
    {
        process.End(seconds);
        _alive.Remove(process.Identity.Pid);
    }

    private bool HasRoom()
    {
        if (_processes.Count < capacity)
        {
            return true;
        }

        WatchedProcess? least = _processes.Where(process => process is { EndedAt: not null, IsGrowing: false }).MinBy(process => process.Series.Most);
        if (least is null)
        {
            return false;
        }

        _processes.Remove(least);
        _mostForgotten = Math.Max(_mostForgotten, least.Series.Most);
        Forgotten++;
        return true;
    }

    private string WhyNot(int pid)
    {
        ReadOutcome outcome = reader.Identify(pid, out ProcessHead head);
        outcome = outcome == ReadOutcome.Read ? reader.Measure(head, out _) : outcome;
        return outcome switch
        {
            ReadOutcome.Denied => string.Create(CultureInfo.InvariantCulture, $"Process {pid} may not be read by this user."),
            ReadOutcome.NoMemory => string.Create(CultureInfo.InvariantCulture, $"Process {pid} has no memory of its own: it is a thread of the kernel."),
            _ => string.Create(CultureInfo.InvariantCulture, $"There is no process {pid}."),
        };
    }
}
