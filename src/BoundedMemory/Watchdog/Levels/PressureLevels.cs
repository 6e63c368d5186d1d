namespace BoundedMemory;

/// <summary>From utilisation to levels: hysteresis, dwell, confirmation, promotion by the rate of growth. A pure state machine over a clock that it is told.</summary>
/// <remarks>
/// <para><b>Up.</b> <see cref="MemoryPressureLevel.Warning"/> after two samples in a row, the others at once. If at the present rate the limit would be reached within two intervals, one
/// level more than the utilisation says, up to <see cref="MemoryPressureLevel.Critical"/>: abort is for what is, not for what may be.</para>
/// <para><b>Down.</b> A level is left when the utilisation has been below its threshold, less the hysteresis, in every sample of a dwell; to the highest level of which that cannot be said.
/// So inside the band between the two nothing changes, and two falls are a dwell apart.</para>
/// <para>An unknown sample changes nothing, and starts the dwell anew.</para>
/// </remarks>
internal sealed class PressureLevels(MemoryWatchdogOptions options)
{
    private const int Levels = 4;

    private readonly double[] _enterAt = [0, options.WarningAt, options.CriticalAt, options.AbortAt];
    private readonly long?[] _enterAtBytes = [null, options.WarningBytes, options.CriticalBytes, options.AbortBytes];

    /// <summary>Since when the samples have been below what a level is left at; null: the last was not.</summary>
    private readonly TimeSpan?[] _belowSince = new TimeSpan?[Levels];

    /// <summary>Samples in a row at or above the threshold of Warning.</summary>
    private int _confirmations;

    public MemoryPressureLevel Level { get; private set; }

    /// <summary>Takes a sample into account.</summary>
    /// <param name="now">Not before the sample before.</param>
    /// <param name="assessment">What is decided on. A full budget refuses and endangers nobody: it never makes more than a warning.</param>
    /// <param name="growth">Of the utilisation, per second.</param>
    /// <param name="interval">Until the next sample.</param>
    public MemoryPressureLevel Update(TimeSpan now, in Assessment assessment, double growth, TimeSpan interval)
    {
        // What is not known may be anything: it neither makes a level nor ends one.
        long? resident = assessment.Sample.ResidentBytes;
        bool isUnknown = !assessment.IsKnown || (resident is null && _enterAtBytes.AsSpan().IndexOfAnyExcept((long?)null) >= 0);
        MemoryPressureLevel reached = Reached(assessment.Utilization, assessment.BudgetShare, resident);
        bool isFast = assessment.Utilization + (growth * 2 * interval.TotalSeconds) >= 1;
        if (isFast && growth > 0 && reached < MemoryPressureLevel.Critical)
        {
            reached++;
            _confirmations = 1;
        }

        _confirmations = reached >= MemoryPressureLevel.Warning ? Math.Min(_confirmations + 1, 2) : isUnknown ? _confirmations : 0;
        for (int level = 1; level < Levels; level++)
        {
            bool isBelow = !isUnknown && (int)reached < level && IsBelow(level, assessment.Utilization, assessment.BudgetShare, resident);
            _belowSince[level] = isBelow ? _belowSince[level] ?? now : null;
        }

        if (reached > Level)
        {
            Level = reached == MemoryPressureLevel.Warning && _confirmations < 2 ? Level : reached;
        }
        else
        {
            while (Level > MemoryPressureLevel.Normal && _belowSince[(int)Level] is { } since && now - since >= options.Dwell)
            {
                Level--;
            }
        }

        return Level;
    }

    private MemoryPressureLevel Reached(double utilization, double budget, long? resident)
    {
        for (int level = Levels - 1; level > 0; level--)
        {
            if (utilization >= _enterAt[level] || resident >= _enterAtBytes[level])
            {
                return (MemoryPressureLevel)level;
            }
        }

        return budget >= _enterAt[1] ? MemoryPressureLevel.Warning : MemoryPressureLevel.Normal;
    }

    private bool IsBelow(int level, double utilization, double budget, long? resident) =>
        utilization < _enterAt[level] - options.Hysteresis
        && (level > 1 || budget < _enterAt[1] - options.Hysteresis)
        && !(resident >= _enterAtBytes[level] * (1 - options.Hysteresis));
}
