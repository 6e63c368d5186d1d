using System.Collections.Concurrent;
using BoundedMemory;

namespace Reproduce;

/// <summary>The log queue of the trading desk while its window is frozen: the desk goes on writing, and nobody reads.</summary>
internal sealed class DeskLog : IScenario
{
    private const int Capacity = 1000;
    private const int LinesPerSecond = 10;
    private const int FrozenSeconds = 3600;
    private const int Frozen = LinesPerSecond * FrozenSeconds;
    private const int WorkingSeconds = 60;
    private const string FirstSeen = "first line seen after the window thawed";
    private const string Gaps = "gaps in what was seen after that";

    public string Name => "desk-log";

    public string Origin => "2 trading desk";

    public string Workload =>
        "10 log lines a second; the window reads them for a minute, is frozen for an hour, and reads again what is there; then it freezes for good. Bounded, the newest 1,000 wait.";

    public IReadOnlyList<Claim> Claims =>
    [
        new("log of a frozen hour", 7, 7, "MB", "Issue #4: worst case", Variant.Unbounded, t => t.LiveMegabytes),
        new("lines waiting, bounded", 0, Capacity, "", "Issue #4: maxsize", Variant.Bounded, t => t.Entries),
    ];

    public Trial Run(Variant variant, bool quick)
    {
        var facts = new Dictionary<string, double>();
        return Trial.Run(
            () => variant == Variant.Unbounded ? (ILog)new UnboundedLog() : new BoundedLog(),
            warmUp: log => Work(log, facts),
            work: log => Work(log, facts),
            facts: _ => facts);
    }

    public IEnumerable<Check> Check(IReadOnlyDictionary<Variant, Trial> trials)
    {
        Trial bounded = trials[Variant.Bounded];
        int firstKept = (LinesPerSecond * WorkingSeconds) + Frozen - Capacity;
        yield return new Check(
            bounded.Facts[FirstSeen] == firstKept && bounded.Facts[Gaps] == 0,
            $"bounded: thawed, the window sees the newest {Capacity:N0} lines, from number {bounded.Facts[FirstSeen]:N0} on, without a gap");
        yield return new Check(
            trials.Values.All(trial => trial.Flow.Entered == (LinesPerSecond * WorkingSeconds) + (2 * Frozen)),
            "both: the desk was never kept from writing");
    }

    private static void Work(ILog log, Dictionary<string, double> facts)
    {
        int number = 0;
        for (; number < LinesPerSecond * WorkingSeconds; number++)
        {
            log.Write(LogLine.Create(number));
            log.TryRead(out _);
        }

        number = Freeze(log, number);
        int? last = null;
        facts[Gaps] = 0;
        while (log.TryRead(out LogLine? line))
        {
            facts[Gaps] += last is null || line!.Number == last + 1 ? 0 : 1;
            facts[FirstSeen] = last is null ? line!.Number : facts[FirstSeen];
            last = line!.Number;
        }

        Freeze(log, number);
    }

    private static int Freeze(ILog log, int number)
    {
        for (int end = number + Frozen; number < end; number++)
        {
            log.Write(LogLine.Create(number));
        }

        return number;
    }

    private interface ILog : ISubject
    {
        void Write(LogLine line);

        bool TryRead(out LogLine? line);
    }

    /// <summary>As the desk had it.</summary>
    private sealed class UnboundedLog : ILog
    {
        private readonly ConcurrentQueue<LogLine> _lines = new();
        private long _written;
        private long _read;

        public long Entries => _lines.Count;

        public Flow Flow => new(_written, Entries, new Dictionary<string, long> { ["read"] = _read });

        public void Write(LogLine line)
        {
            _lines.Enqueue(line);
            _written++;
        }

        public bool TryRead(out LogLine? line)
        {
            bool isThere = _lines.TryDequeue(out line);
            _read += isThere ? 1 : 0;
            return isThere;
        }

        public void Dispose() => _lines.Clear();
    }

    private sealed class BoundedLog : ILog
    {
        private readonly DropOldestQueue<LogLine> _lines = new(new() { Name = "log", MaxCount = Capacity, MaxBytes = Units.MB });

        public long Entries => _lines.Count;

        public long? MaxBytes => _lines.MaxBytes;

        public IReadOnlyList<Bound> Bounds =>
        [
            new Bound("bytes", Units.MB, IsBytes: true, () => _lines.Bytes),
            new Bound("lines", Capacity, IsBytes: false, () => _lines.Count),
        ];

        public Flow Flow
        {
            get
            {
                QueueStatistics lines = _lines.Statistics;
                return new Flow(
                    lines.Enqueued,
                    lines.Count,
                    new Dictionary<string, long> { ["read"] = lines.Dequeued, ["evicted"] = lines.Evicted, ["trimmed"] = lines.Trimmed },
                    lines.RejectedTooLarge + lines.RejectedOverBudget + lines.RejectedSizeUnknown);
            }
        }

        public void Write(LogLine line) => _lines.Enqueue(line);

        public bool TryRead(out LogLine? line) => _lines.TryDequeue(out line);

        public void Dispose() => _lines.Dispose();
    }
}
