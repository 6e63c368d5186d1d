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

    public void Dispose() => _listener.Dispose();
}
