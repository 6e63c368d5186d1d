namespace BoundedMemory;

/// <summary>When a limit will be reached, for growth too fast to wait for a trend: from the last minutes.</summary>
internal sealed class TimeToLimit
{
    private const int Most = 32;

    /// <summary>One time in a thousand without a trend.</summary>
    private const double Significant = 3.09;

    private const int Least = 8;

    /// <summary>Samples under pressure come every 250 ms: of those every eighth is enough.</summary>
    private static readonly TimeSpan Distance = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    private readonly double[] _seconds = new double[Most];
    private readonly double[] _shares = new double[Most];
    private int _count;
    private TimeSpan _last = TimeSpan.MinValue;
    private UtilizationTerm _term;

    public TimeSpan? Value { get; private set; }

    /// <summary>Takes a sample into account.</summary>
    /// <param name="now">Now.</param>
    /// <param name="utilization">What is in use of the nearest limit.</param>
    /// <param name="term">Which that is.</param>
    public void Add(TimeSpan now, double utilization, UtilizationTerm term)
    {
        if (_last != TimeSpan.MinValue && now - _last < Distance && term == _term)
        {
            return;
        }

        if (term != _term)
        {
            (_count, _term) = (0, term);
        }

        _last = now;
        if (_count == Most)
        {
            _seconds.AsSpan(1).CopyTo(_seconds);
            _shares.AsSpan(1).CopyTo(_shares);
            _count--;
        }

        (_seconds[_count], _shares[_count]) = (now.TotalSeconds, utilization);
        _count++;
        Value = term == UtilizationTerm.None || _count < Least ? null : Estimate(utilization);
    }

    private TimeSpan? Estimate(double utilization)
    {
        ReadOnlySpan<double> shares = _shares.AsSpan(0, _count);
        double slope = RobustTrend.MannKendall(shares) > Significant ? RobustTrend.Slope(_seconds.AsSpan(0, _count), shares) : 0;
        double seconds = slope > 0 ? Math.Max(0, 1 - utilization) / slope : double.PositiveInfinity;
        return seconds <= Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }
}
