using System.Buffers;

namespace BoundedMemory;

/// <summary>Statistics of a series that outliers do not move.</summary>
internal static class RobustTrend
{
    /// <summary>A series may be longer: it is then condensed to at most so many medians of neighbours, because the number of pairs grows with the square.</summary>
    public const int MostPoints = 256;

    /// <summary>The middle value, or the mean of the two in the middle. O(n log n).</summary>
    /// <param name="values">In any order; sorted afterwards.</param>
    /// <returns>NaN if there is none.</returns>
    public static double Median(Span<double> values)
    {
        if (values.IsEmpty)
        {
            return double.NaN;
        }

        values.Sort();
        int middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    /// <summary>Slope after Theil (1950) and Sen (1968): the median of the slopes of all pairs; up to 29 % of the points may be anything. O(n²) for at most
    /// <see cref="MostPoints"/> points.</summary>
    /// <param name="x">Ascending.</param>
    /// <param name="y">As many.</param>
    /// <returns>NaN if no two points differ in <paramref name="x"/>.</returns>
    public static double Slope(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(y.Length, x.Length);
        if (x.Length > MostPoints)
        {
            Span<double> fewerX = stackalloc double[MostPoints];
            Span<double> fewerY = stackalloc double[MostPoints];
            return Slope(Condense(x, fewerX), Condense(y, fewerY));
        }

        double[] slopes = ArrayPool<double>.Shared.Rent(Math.Max(1, x.Length * (x.Length - 1) / 2));
        int count = 0;
        for (int i = 0; i < x.Length; i++)
        {
            for (int j = i + 1; j < x.Length; j++)
            {
                if (x[j] > x[i])
                {
                    slopes[count++] = (y[j] - y[i]) / (x[j] - x[i]);
                }
            }
        }

        double median = Median(slopes.AsSpan(0, count));
        ArrayPool<double>.Shared.Return(slopes);
        return median;
    }

    /// <summary>The test of Mann (1945) and Kendall (1975) for a monotonic trend: how many standard deviations more pairs rise than fall. Above 1.64, a series
    /// without trend has a chance of 5 %; above 3.09, of 0.1 %. O(n²) for at most <see cref="MostPoints"/> points.</summary>
    /// <param name="y">Values in the order of time.</param>
    /// <returns>Positive if it rises; 0 where there are fewer than three values, or all are equal.</returns>
    public static double MannKendall(ReadOnlySpan<double> y)
    {
        if (y.Length > MostPoints)
        {
            Span<double> fewer = stackalloc double[MostPoints];
            return MannKendall(Condense(y, fewer));
        }

        int n = y.Length;
        int score = 0;
        for (int i = 0; i < n; i++)
        {
            for (int j = i + 1; j < n; j++)
            {
                score += y[j].CompareTo(y[i]);
            }
        }

        double variance = (Pairs(n) - TiedPairs(y)) / 18;
        return n < 3 || variance <= 0 ? 0 : (score - Math.Sign(score)) / Math.Sqrt(variance);
    }

    private static double Pairs(double n) => n * (n - 1) * ((2 * n) + 5);

    /// <summary>What groups of equal values take from the variance.</summary>
    private static double TiedPairs(ReadOnlySpan<double> y)
    {
        Span<double> sorted = stackalloc double[y.Length];
        y.CopyTo(sorted);
        sorted.Sort();
        double ties = 0;
        for (int i = 0, first = 0; i < sorted.Length; i++)
        {
            if (i + 1 == sorted.Length || sorted[i + 1] != sorted[first])
            {
                ties += Pairs(i + 1 - first);
                first = i + 1;
            }
        }

        return ties;
    }

    /// <summary>Medians of neighbours, as many as there is room for.</summary>
    private static Span<double> Condense(ReadOnlySpan<double> values, Span<double> into)
    {
        double[] group = ArrayPool<double>.Shared.Rent((values.Length / into.Length) + 1);
        for (int i = 0; i < into.Length; i++)
        {
            int from = (int)((long)values.Length * i / into.Length);
            int to = (int)((long)values.Length * (i + 1) / into.Length);
            values[from..to].CopyTo(group);
            into[i] = Median(group.AsSpan(0, to - from));
        }

        ArrayPool<double>.Shared.Return(group);
        return into;
    }
}
