using System.Diagnostics.Metrics;

namespace BoundedMemory;

/// <summary>What the meter reads of a limiter.</summary>
internal readonly record struct AdmissionReading(long Admitted, long Refused);

/// <summary>The instruments of all limiters of one meter factory.</summary>
internal sealed class AdmissionMeter : SourceMeter<AdmissionReading>
{
    private AdmissionMeter(Meter meter)
        : base(BoundedMemoryInstruments.AdmissionName)
    {
        Counter(
            meter, BoundedMemoryInstruments.AdmissionRequests, "{request}", "Requests for permits.", BoundedMemoryInstruments.Outcome,
            [("admitted", r => r.Admitted), ("refused", r => r.Refused)]);
    }

    /// <summary>The instruments of a factory, or those that limiters without one share.</summary>
    public static AdmissionMeter For(IMeterFactory? factory) => PerFactory<AdmissionMeter>.For(factory, static meter => new AdmissionMeter(meter));
}
