namespace BoundedMemory.Monitor.Judging;

/// <summary>Where the size of a process has been going.</summary>
/// <param name="Percent">The median of the last third of the readings against that of the first.</param>
/// <param name="BytesPerHour">Robust slope of the floors.</param>
/// <param name="IsGrowing">Whether it has grown steadily, from beginning to end.</param>
/// <remarks>
/// A floor is the lowest reading of a window, of which there are twelve: what a process falls back to between two peaks is what it keeps. The slope is that of Theil and Sen
/// through the floors. It is growing if the floors rise by <see cref="LeastRise"/> or <see cref="LeastShare"/> of the size, whichever is more; if each third of the time has
/// its part in that: within it they rise at no less than <see cref="LeastPace"/> of the pace of the whole, and from the middle of one third to that of the next by no less than
/// <see cref="LeastPart"/> of the rise, which a start, or one step up, does not; and if the lowest floor of the last third is above the highest of the first, which the
/// floors of a sawtooth are not.
/// </remarks>
internal readonly record struct Trend(double Percent, double BytesPerHour, bool IsGrowing)
{
    /// <summary>Readings below which nothing is said.</summary>
    public const int LeastSamples = 10;

    /// <summary>Bytes that the floors must rise by: a runtime at rest still compiles and grows its tables.</summary>
    public const long LeastRise = 2 << 20;

    public const double LeastShare = 0.03;

    public const double LeastPace = 0.3;

    public const double LeastPart = 0.25;

    private const int Windows = 12;

    private const int Thirds = 3;

    /// <summary>Finds the trend of readings in the order of time.</summary>
    /// <returns>Null below <see cref="LeastSamples"/>, or if they are all of one moment.</returns>
    public static Trend? Of(ReadOnlySpan<Reading> readings)
    {
        if (readings.Length < LeastSamples || readings[^1].Seconds <= readings[0].Seconds)
        {
            return null;
        }

        int third = readings.Length / Thirds;
        double first = MedianOf(readings[..third]);
        double last = MedianOf(readings[^third..]);
        double percent = first > 0 ? (last - first) / first * 100 : 0;

        int count = Math.Min(Windows, readings.Length);
        Span<double> times = stackalloc double[count];
        Span<double> floors = stackalloc double[count];
        for (int i = 0; i < count; i++)
        {
            Reading lowest = Lowest(readings[(int)((long)readings.Length * i / count)..(int)((long)readings.Length * (i + 1) / count)]);
            times[i] = lowest.Seconds;
            floors[i] = lowest.Bytes;
        }

        double slope = RobustTrend.Slope(times, floors);
        double rise = slope * (readings[^1].Seconds - readings[0].Seconds);
        bool isGrowing = rise >= Math.Max(LeastRise, first * LeastShare) && IsSteady(times, floors, slope);
        return new Trend(percent, slope * 3600, isGrowing);
    }

    private static bool IsSteady(ReadOnlySpan<double> times, ReadOnlySpan<double> floors, double slope)
    {
        int count = floors.Length;
        Span<double> middles = stackalloc double[Thirds];
        for (int i = 0; i < Thirds; i++)
        {
            Range third = (count * i / Thirds)..(count * (i + 1) / Thirds);
            middles[i] = RobustTrend.Median(floors[third].ToArray());
            if (!(RobustTrend.Slope(times[third], floors[third]) >= slope * LeastPace))
            {
                return false;
            }
        }

        double least = (middles[^1] - middles[0]) * LeastPart;
        if (middles[1] - middles[0] < least || middles[2] - middles[1] < least)
        {
            return false;
        }

        double highestAtFirst = double.MinValue;
        foreach (double floor in floors[..(count / Thirds)])
        {
            highestAtFirst = Math.Max(highestAtFirst, floor);
        }

        foreach (double floor in floors[^(count / Thirds)..])
        {
            if (floor <= highestAtFirst)
            {
                return false;
            }
        }

        return true;
    }

    private static double MedianOf(ReadOnlySpan<Reading> readings)
    {
        double[] bytes = new double[readings.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = readings[i].Bytes;
        }

        return RobustTrend.Median(bytes);
    }

    private static Reading Lowest(ReadOnlySpan<Reading> readings)
    {
        Reading lowest = readings[0];
        foreach (Reading reading in readings)
        {
            lowest = reading.Bytes < lowest.Bytes ? reading : lowest;
        }

        return lowest;
    }
}
