using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>A primitive as its meter sees it.</summary>
internal interface IMeterSource<TStatistics>
{
    string Name { get; }

    TStatistics Statistics { get; }
}

/// <summary>The instruments of all primitives of one kind and one meter factory, which report whatever is alive when they are asked.</summary>
/// <remarks>Instruments live as long as their meter, so they are made once per factory and not per primitive: primitives come and go without leaving
/// anything behind. Nothing is computed, and no tag made, until somebody listens.</remarks>
/// <param name="nameTag">The tag that carries the primitive's name.</param>
internal abstract class SourceMeter<TStatistics>(string nameTag)
{
    private readonly LiveSet<IMeterSource<TStatistics>> _sources = new();

    /// <summary>Reports a primitive from now on; what is returned ends that.</summary>
    public WeakReference<IMeterSource<TStatistics>> Add(IMeterSource<TStatistics> source) => _sources.Add(source);

    public void Remove(WeakReference<IMeterSource<TStatistics>> link) => _sources.Remove(link);

    /// <summary>The primitives that are reported now.</summary>
    public List<IMeterSource<TStatistics>> List() => _sources.List();

    protected void Counter(Meter meter, string name, string unit, string description, Func<TStatistics, long?> value) =>
        Counter(meter, name, unit, description, null, [("", value)]);

    protected void Counter(Meter meter, string name, string unit, string description, string? tag, (string Tag, Func<TStatistics, long?> Value)[] values) =>
        meter.CreateObservableCounter(name, () => Measure(tag, values, static (x, y) => x + y), unit, description);

    protected void Level(Meter meter, string name, string unit, string description, Func<TStatistics, long?> value) =>
        meter.CreateObservableUpDownCounter(name, () => Measure<long>(null, [("", value)], static (x, y) => x + y), unit, description);

    /// <summary>Of several primitives with one name the highest value is reported.</summary>
    protected void Gauge(Meter meter, string name, string unit, string description, Func<TStatistics, double?> value) =>
        Gauge(meter, name, unit, description, null, [("", value)]);

    protected void Gauge(Meter meter, string name, string unit, string description, string? tag, (string Tag, Func<TStatistics, double?> Value)[] values) =>
        meter.CreateObservableGauge(name, () => Measure(tag, values, static (x, y) => Math.Max(x, y)), unit, description);

    /// <summary>One measurement per name and tag value: primitives of the same name are reported as one.</summary>
    private IEnumerable<Measurement<T>> Measure<T>(string? tag, (string Tag, Func<TStatistics, T?> Value)[] values, Func<T, T, T> combine)
        where T : struct
    {
        var totals = new Dictionary<(string Name, int Value), T>();
        foreach (IMeterSource<TStatistics> source in _sources.List())
        {
            TStatistics statistics = source.Statistics;
            for (int i = 0; i < values.Length; i++)
            {
                if (values[i].Value(statistics) is { } value)
                {
                    totals[(source.Name, i)] = totals.TryGetValue((source.Name, i), out T other) ? combine(other, value) : value;
                }
            }
        }

        foreach (((string sourceName, int i), T total) in totals)
        {
            var name = new KeyValuePair<string, object?>(nameTag, sourceName);
            yield return tag is null
                ? new Measurement<T>(total, name)
                : new Measurement<T>(total, name, new KeyValuePair<string, object?>(tag, values[i].Tag));
        }
    }

    /// <summary>One set of instruments of a kind per meter factory, and one for those without a factory.</summary>
    protected static class PerFactory<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TMeter>
        where TMeter : SourceMeter<TStatistics>
    {
        /// <summary>Lazy, because a table may call for a value twice, and instruments cannot be taken back.</summary>
        private static readonly ConditionalWeakTable<object, Lazy<TMeter>> ByOwner = [];

        public static TMeter For(IMeterFactory? factory, Func<Meter, TMeter> create) => ByOwner.GetValue(
            (object?)factory ?? ProcessMeter.Instance,
            owner => new Lazy<TMeter>(() => create(owner as Meter ?? ((IMeterFactory)owner).Create(BoundedMemoryInstruments.MeterName)))).Value;
    }
}

/// <summary>The meter of all primitives that were given no meter factory.</summary>
internal static class ProcessMeter
{
    public static readonly Meter Instance = new(BoundedMemoryInstruments.MeterName);
}
