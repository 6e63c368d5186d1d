using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace BoundedMemory.Comparison;

/// <summary>Publishing to many: each of the subscribers may be 100 messages behind, and one in a hundred reads, what there is after every 50 messages.</summary>
internal sealed class Hub : Area
{
    /// <summary>Messages that a subscriber can be behind.</summary>
    public const int Capacity = 100;

    private const int ReadsAfter = 50;

    private static readonly int[] Subscribers = [1, 100, 10_000];

    /// <summary>Of the messages published, those that the subscribers got that read.</summary>
    private static readonly Metric Delivered = new("delivered_percent", IsBetterIfHigher: true);

    public override string Name => "hub";

    public override IReadOnlyList<Metric> Metrics => [Metric.NanosecondsPerOperation, Delivered, Metric.CpuPerOperation, Metric.BytesPerOperation];

    public override (string? MemoryCache, string? ConcurrentDictionary) Baselines => (HubSubject.Channels, null);

    public override IReadOnlyList<Workload> Workloads(Plan plan) =>
        [.. Subscribers.Select(n => new Workload(string.Create(CultureInfo.InvariantCulture, $"publish-to-{n}"), [.. HubSubject.ByName.Keys], [1]))];

    public override IMeasured Prepare(string workload, string subject, Plan plan)
    {
        int subscribers = int.Parse(workload.Split('-')[^1], CultureInfo.InvariantCulture);
        int readers = Math.Max(1, subscribers / 100);
        var run = new Measured(HubSubject.ByName[subject](subscribers, readers), readers, plan with { Threads = [1] });
        run.WarmUp();
        return run;
    }

    private sealed class Measured(HubSubject subject, int readers, Plan plan) : TimedRun(plan)
    {
        private readonly object _message = new();
        private long _read;

        public override void Dispose()
        {
            subject.Dispose();
            base.Dispose();
        }

        protected override long Work(int thread, int threads)
        {
            _read = 0;
            long published = 0;
            long started = Stopwatch.GetTimestamp();
            do
            {
                PublishSome();
                _read += subject.ReadAll();
                published += ReadsAfter;
            }
            while (Stopwatch.GetElapsedTime(started) < Duration);
            return published;
        }

        protected override void Add(Dictionary<string, double> values, long operations, int threads) =>
            values[Delivered.Name] = 100.0 * _read / (operations * readers);

        [MethodImpl(MethodImplOptions.NoInlining)]
        private void PublishSome()
        {
            for (int i = 0; i < ReadsAfter; i++)
            {
                subject.Publish(_message);
            }
        }
    }
}
