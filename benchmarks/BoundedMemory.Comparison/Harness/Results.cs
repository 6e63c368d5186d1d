namespace BoundedMemory.Comparison;

/// <summary>All repetitions of a workload.</summary>
internal sealed class Results(Area area, Workload workload)
{
    private readonly Lock _gate = new();

    private readonly Dictionary<(string Subject, int Threads, string Metric), SortedDictionary<int, double>> _values = [];

    public string Title => $"{area.Name} {workload.Name}";

    public void Add(string subject, int threads, int repetition, Measurement measurement)
    {
        lock (_gate)
        {
            foreach ((string metric, double value) in measurement.Values)
            {
                if (!_values.TryGetValue((subject, threads, metric), out SortedDictionary<int, double>? byRepetition))
                {
                    _values[(subject, threads, metric)] = byRepetition = [];
                }

                byRepetition[repetition] = value;
            }
        }
    }

    public IEnumerable<Row> Rows() =>
        from threads in workload.Threads
        from metric in area.Metrics
        from subject in workload.Subjects
        let values = Of(subject, threads, metric)
        where values is not null
        let sorted = values.Values.Order().ToArray()
        select new Row(
            area.Name,
            workload.Name,
            threads,
            subject,
            metric.Name,
            Quantile(sorted, 0.5),
            Quantile(sorted, 0.75) - Quantile(sorted, 0.25),
            RatioTo(area.Baselines.MemoryCache, values, threads, metric),
            RatioTo(area.Baselines.ConcurrentDictionary, values, threads, metric));

    private static double Quantile(double[] sorted, double quantile)
    {
        double position = quantile * (sorted.Length - 1);
        int below = (int)position;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((position - below) * (sorted[above] - sorted[below]));
    }

    private SortedDictionary<int, double>? Of(string? subject, int threads, Metric metric) =>
        subject is null ? null : _values.GetValueOrDefault((subject, threads, metric.Name));

    /// <summary>The median of the ratios within each repetition, the way round in which more is better; null where there is nothing to compare.</summary>
    private double? RatioTo(string? baseline, SortedDictionary<int, double> values, int threads, Metric metric)
    {
        if (Of(baseline, threads, metric) is not { } baselines)
        {
            return null;
        }

        double[] ratios =
        [
            .. values.Where(v => baselines.ContainsKey(v.Key))
                .Select(v => metric.IsBetterIfHigher ? v.Value / baselines[v.Key] : baselines[v.Key] / v.Value)
                .Where(ratio => !double.IsNaN(ratio))
                .Order(),
        ];
        return ratios.Length == 0 ? null : double.IsInfinity(ratios[ratios.Length / 2]) ? double.PositiveInfinity : Quantile(ratios, 0.5);
    }
}

/// <summary>A line of the CSV.</summary>
internal sealed record Row(
    string Area,
    string Workload,
    int Threads,
    string Subject,
    string Metric,
    double Median,
    double Iqr,
    double? RatioToMemoryCache,
    double? RatioToConcurrentDictionary);
