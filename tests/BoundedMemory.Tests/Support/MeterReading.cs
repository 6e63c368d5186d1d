using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;

namespace BoundedMemory.Tests.Support;

/// <summary>A meter factory of a test's own, so that other tests' caches are not on its meters.</summary>
internal sealed class OwnMeters : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public IMeterFactory Factory => _services.GetRequiredService<IMeterFactory>();

    public void Dispose() => _services.Dispose();
}

/// <summary>Listens to the meters of one factory.</summary>
internal sealed class MeterReading : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Log<Instrument> _instruments = new();
    private readonly Log<(string Instrument, double Value, KeyValuePair<string, object?>[] Tags)> _measurements = new();

    public MeterReading(IMeterFactory factory, bool enable = true)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, factory))
            {
                _instruments.Add(instrument);
                if (enable)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _measurements.Add((instrument.Name, value, tags.ToArray())));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => _measurements.Add((instrument.Name, value, tags.ToArray())));
        _listener.Start();
    }

    public IReadOnlyList<Instrument> Instruments => _instruments.Items;

    /// <summary>Everything that was measured since the last time, with what the instruments report when asked.</summary>
    public IReadOnlyList<(string Instrument, double Value, KeyValuePair<string, object?>[] Tags)> Take()
    {
        _listener.RecordObservableInstruments();
        return _measurements.Take();
    }

    /// <summary>What the instruments report when asked, by instrument and tags: <c>name{tag=value}</c>.</summary>
    public Dictionary<string, double> Read() => Take().ToDictionary(
        m => $"{m.Instrument}{{{string.Join(",", m.Tags.Select(tag => string.Create(CultureInfo.InvariantCulture, $"{tag.Key}={tag.Value}")))}}}",
        m => m.Value);

    /// <summary>Requires that the instruments are these and no others, each on the library's meter and described.</summary>
    /// <param name="prefix">What all names begin with.</param>
    /// <param name="expected">Name without the prefix, unit and kind of each: <c>loads {load} ObservableCounter</c>.</param>
    public void RequireInstruments(string prefix, IEnumerable<string> expected)
    {
        Assert.Equal(
            expected.Select(instrument => prefix + instrument).Order(StringComparer.Ordinal),
            Instruments.Select(i => $"{i.Name} {i.Unit} {i.GetType().Name.Split('`')[0]}").Order(StringComparer.Ordinal));
        Assert.All(Instruments, instrument =>
        {
            Assert.Equal("BoundedMemory", instrument.Meter.Name);
            Assert.False(string.IsNullOrEmpty(instrument.Description));
        });
    }

    /// <summary>Requires that the instruments report this and nothing else when asked.</summary>
    /// <param name="prefix">What all names begin with.</param>
    /// <param name="expected">Values by instrument without the prefix, and tags: <c>name{tag=value}</c>.</param>
    /// <param name="hasOthers">Whether instruments whose names begin otherwise may report what they like.</param>
    public void RequireValues(string prefix, IReadOnlyDictionary<string, double> expected, bool hasOthers = false) => Assert.Equal(
        expected.Select(e => KeyValuePair.Create(prefix + e.Key, e.Value)).OrderBy(e => e.Key, StringComparer.Ordinal),
        Read().Where(e => !hasOthers || e.Key.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(e => e.Key, StringComparer.Ordinal));

    public void Dispose() => _listener.Dispose();
}
