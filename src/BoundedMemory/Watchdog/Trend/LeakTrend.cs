namespace BoundedMemory;

/// <summary>Finds slow leaks in what no budget accounts for. Takes the same memory for ever, and little of it.</summary>
/// <remarks>
/// <para><b>Floors.</b> A process at work rises and falls with its garbage; what leaks is what stays. So of each 150 seconds only the lowest reading counts that was taken since the whole heap was
/// collected in them. A stretch in which it was not has no floor, unless that has not happened for half an hour: then its lowest reading has to do.</para>
/// <para><b>Rule.</b> The last 21 to 36 floors, of 90 minutes at least, must rise by the test of Mann and Kendall (chance of one in ten thousand without a trend), and the slope of Theil and Sen
/// must be above 15 MB/h over all of them and in each third: a step of load makes a slope over everything, not one in each third. It then has to be so in five stretches more than it was
/// not. The first 20 minutes are warm-up and are skipped.</para>
/// <para>A leak of 30 MB/h is found after about two and a quarter hours where the heap is collected every few minutes, after three where that is every ten. One that is faster than that is
/// seen earlier by <see cref="TimeToLimit"/>.</para>
/// </remarks>
internal sealed class LeakTrend
{
    public const double LeastSlope = 15e6;

    private const int MostFloors = 36;

    private const int LeastFloors = 21;

    private const double Significant = 3.72;

    private const int Confirmations = 5;

    public static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(20);

    public static readonly TimeSpan Stretch = TimeSpan.FromSeconds(150);

    /// <summary>From the first floor to the last: the first and the last stretch of 90 minutes, and what is between them.</summary>
    private static readonly double LeastHours = (TimeSpan.FromMinutes(90) - Stretch).TotalHours;

    /// <summary>Floors that are older say nothing about now.</summary>
    private static readonly double MostHours = 8;

    private static readonly TimeSpan LongestWithoutCollection = TimeSpan.FromMinutes(30);

    private readonly double[] _hours = new double[MostFloors];
    private readonly double[] _floors = new double[MostFloors];
    private int _count;
    private long _stretch = -1;
    private double _lowest = double.PositiveInfinity;
    private double _lowestSinceFull = double.PositiveInfinity;
    private bool _isSinceFull;
    private int _fullCollections = -1;
    private TimeSpan _lastFull;
    private int _confirmations;

    /// <summary>Robust slope of the floors, bytes per hour; null while there are too few.</summary>
    public double? BytesPerHour { get; private set; }

    public bool IsLeak { get; private set; }

    /// <summary>Takes a reading into account.</summary>
    /// <param name="now">Since the process was first looked at.</param>
    /// <param name="bytes">What no budget accounts for.</param>
    /// <param name="fullCollections">Collections of the whole heap so far.</param>
    public void Add(TimeSpan now, long bytes, int fullCollections)
    {
        bool isFull = fullCollections != _fullCollections;
        _fullCollections = fullCollections;
        if (now < WarmUp)
        {
            return;
        }

        long stretch = (now - WarmUp).Ticks / Stretch.Ticks;
        if (stretch != _stretch)
        {
            Close(now);
            _stretch = stretch;
        }

        if (isFull)
        {
            (_isSinceFull, _lastFull) = (true, now);
        }

        _lowest = Math.Min(_lowest, bytes);
        _lowestSinceFull = _isSinceFull ? Math.Min(_lowestSinceFull, bytes) : _lowestSinceFull;
    }

    private void Close(TimeSpan now)
    {
        double floor = _isSinceFull ? _lowestSinceFull : now - _lastFull > LongestWithoutCollection ? _lowest : double.PositiveInfinity;
        if (!double.IsPositiveInfinity(floor))
        {
            double hours = _stretch * Stretch.TotalHours;
            int from = _count == MostFloors ? 1 : 0;
            while (from < _count && hours - _hours[from] > MostHours)
            {
                from++;
            }

            _hours.AsSpan(from, _count - from).CopyTo(_hours);
            _floors.AsSpan(from, _count - from).CopyTo(_floors);
            _count -= from;
            (_hours[_count], _floors[_count]) = (hours, floor);
            _count++;
            Judge();
        }

        _lowest = _lowestSinceFull = double.PositiveInfinity;
        _isSinceFull = false;
    }

    private void Judge()
    {
        int third = _count / 3;
        int first = _count - (3 * third);
        if (_count < LeastFloors || _hours[_count - 1] - _hours[first] < LeastHours * 0.999)
        {
            (BytesPerHour, IsLeak, _confirmations) = (null, false, 0);
            return;
        }

        BytesPerHour = Slope(first, 3 * third);
        bool isRising = BytesPerHour > LeastSlope
            && RobustTrend.MannKendall(_floors.AsSpan(first, 3 * third)) > Significant
            && Slope(first, third) > LeastSlope
            && Slope(first + third, third) > LeastSlope
            && Slope(first + (2 * third), third) > LeastSlope;
        _confirmations = isRising ? Math.Min(_confirmations + 1, Confirmations) : Math.Max(0, _confirmations - 1);
        IsLeak = _confirmations == Confirmations || (IsLeak && _confirmations > 0);
    }

    private double Slope(int first, int count) => RobustTrend.Slope(_hours.AsSpan(first, count), _floors.AsSpan(first, count));
}
