namespace BoundedMemory;

/// <summary>How fast the use of a limit grows, smoothed over a few samples.</summary>
internal sealed class Growth
{
    /// <summary>Weight of the newest difference: the last three make nine tenths.</summary>
    private const double Newest = 0.5;

    private double? _last;
    private UtilizationTerm _term;
    private TimeSpan _lastAt;

    /// <summary>Part of the limit per second; negative when it shrinks.</summary>
    public double PerSecond { get; private set; }

    public void Add(TimeSpan now, double? utilization, UtilizationTerm term)
    {
        double seconds = (now - _lastAt).TotalSeconds;
        if (utilization is null || term != _term || _last is null)
        {
            // Shares of different limits do not differ by growth.
            PerSecond = _last is null || term != _term ? 0 : PerSecond;
        }
        else if (seconds > 0)
        {
            double rate = (utilization.Value - _last.Value) / seconds;
            PerSecond = (Newest * rate) + ((1 - Newest) * PerSecond);
        }

        if (utilization is not null)
        {
            (_last, _term, _lastAt) = (utilization, term, now);
        }
    }
}
