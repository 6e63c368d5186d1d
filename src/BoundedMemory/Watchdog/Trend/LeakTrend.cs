namespace BoundedMemory;

/// <summary>Finds slow leaks in what no budget accounts for. Takes the same memory for ever, and 3 KB of it.</summary>
/// <remarks>
/// <para><b>Floors.</b> A process at work rises and falls with its garbage; what leaks is what stays. So of each 150 seconds only the lowest reading counts that was taken right after a
/// collection of the whole heap, or, where there was none, the lowest of all. A stretch without a reading has no floor.</para>
/// <para><b>Rule.</b> Over the last 90 minutes the floors must rise by the test of Mann and Kendall (chance of one in ten thousand without a trend), and the slope of Theil and Sen must be above
/// 15 MB/h over all of them and in each third: a step of load makes a slope over everything, not one in each third. It then has to be so in four stretches in a row. The first 20 minutes
/// are warm-up and are skipped.</para>
/// <para>A leak of 30 MB/h is found after about two hours. One that is faster than that is seen earlier by <see cref="TimeToLimit"/>.</para>
/// </remarks>
internal sealed class LeakTrend
{
    public const double LeastSlope = 15e6;

    /// <summary>Floors in the time looked at: 36 of 150 seconds are 90 minutes.</summary>
    private const int Stretches = 36;

    private const double Significant = 3.72;

    /// <summary>Stretches in a row for which the rule has to hold.</summary>
    private const int Confirmations = 4;

    public static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(20);

    public static readonly TimeSpan Stretch = TimeSpan.FromSeconds(150);

    /// <summary>A ring by number of stretch; NaN where there is none.</summary>
    private readonly double[] _floors = new double[Stretches];

    private readonly double[] _hours = new double[Stretches];
    private readonly double[] _found = new double[Stretches];
    private long _stretch = -1;
    private double _floor = double.NaN;
    private double _floorAfterFull = double.NaN;
    private int _fullCollections = -1;
    private int _confirmations;

    public LeakTrend() => _floors.AsSpan().Fill(double.NaN);

    /// <summary>Robust slope of the floors, bytes per hour; null while there are fewer than half of them.</summary>
    public double? BytesPerHour { get; private set; }

    public bool IsLeak { get; private set; }

    /// <summary>Takes a reading into account.</summary>
    /// <param name="now">Since the process was first looked at.</param>
    /// <param name="bytes">What no budget accounts for.</param>
    /// <param name="fullCollections">Collections of the whole heap so far.</param>
    public void Add(TimeSpan now, long bytes, int fullCollections)
    {
        if (now < WarmUp)
        {
            _fullCollections = fullCollections;
            return;
        }

        long stretch = (now - WarmUp).Ticks / Stretch.Ticks;
        if (stretch != _stretch)
        {
            Close(stretch);
        }

        if (fullCollections != _fullCollections)
        {
            _fullCollections = fullCollections;
            _floorAfterFull = double.IsNaN(_floorAfterFull) ? bytes : Math.Min(_floorAfterFull, bytes);
        }

        _floor = double.IsNaN(_floor) ? bytes : Math.Min(_floor, bytes);
    }

    private void Close(long next)
    {
        if (_stretch >= 0)
        {
            _floors[_stretch % Stretches] = double.IsNaN(_floorAfterFull) ? _floor : _floorAfterFull;
            for (long missing = Math.Max(_stretch + 1, next - Stretches); missing < next; missing++)
            {
                _floors[missing % Stretches] = double.NaN;
            }

            Judge(next);
        }

        _stretch = next;
        _floor = _floorAfterFull = double.NaN;
    }

    /// <summary>Judges the stretches before one.</summary>
    private void Judge(long next)
    {
        const int Third = Stretches / 3;
        BytesPerHour = SlopeOf(next - Stretches, Stretches, out int found);
        bool isSignificant = found >= Stretches * 3 / 4 && BytesPerHour > LeastSlope && RobustTrend.MannKendall(_found.AsSpan(0, found)) > Significant;
        bool isRising = isSignificant
            && SlopeOf(next - Stretches, Third, out _) > LeastSlope
            && SlopeOf(next - (2 * Third), Third, out _) > LeastSlope
            && SlopeOf(next - Third, Third, out _) > LeastSlope;
        _confirmations = isRising ? Math.Min(_confirmations + 1, Confirmations) : Math.Max(0, _confirmations - 1);
        IsLeak = _confirmations == Confirmations || (IsLeak && _confirmations > 0);
    }

    private double? SlopeOf(long from, int count, out int found)
    {
        found = 0;
        for (long stretch = Math.Max(0, from); stretch < from + count; stretch++)
        {
            double floor = _floors[stretch % Stretches];
            if (!double.IsNaN(floor))
            {
                (_hours[found], _found[found]) = (stretch * Stretch.TotalHours, floor);
                found++;
            }
        }

        return found >= count / 2 ? RobustTrend.Slope(_hours.AsSpan(0, found), _found.AsSpan(0, found)) : null;
    }
}
