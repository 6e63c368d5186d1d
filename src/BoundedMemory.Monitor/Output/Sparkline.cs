using BoundedMemory.Monitor.Judging;

namespace BoundedMemory.Monitor.Output;

/// <summary>A series as one line of blocks.</summary>
internal static class Sparkline
{
    private const string Blocks = "▁▂▃▄▅▆▇█";
    private const string Letters = "_.-~=+*#";

    /// <summary>Differences below this part of the highest value are drawn as none: noise is not to look like a mountain.</summary>
    private const double LeastRange = 0.05;

    /// <summary>Draws the series.</summary>
    /// <param name="readings">In the order of time.</param>
    /// <param name="width">Characters at most; of more readings, the highest of those that share one is drawn.</param>
    /// <param name="isUnicode">Whether blocks can be shown.</param>
    public static string Of(ReadOnlySpan<Reading> readings, int width, bool isUnicode)
    {
        if (readings.IsEmpty)
        {
            return "";
        }

        long[] highest = new long[Math.Min(width, readings.Length)];
        for (int i = 0; i < highest.Length; i++)
        {
            foreach (Reading reading in readings[(int)((long)readings.Length * i / highest.Length)..(int)((long)readings.Length * (i + 1) / highest.Length)])
            {
                highest[i] = Math.Max(highest[i], reading.Bytes);
            }
        }

        string levels = isUnicode ? Blocks : Letters;
        long most = highest.Max();
        double range = Math.Max(most - highest.Min(), most * LeastRange);
        double bottom = highest.Min();
        return string.Create(highest.Length, (highest, levels, bottom, range), static (text, of) =>
        {
            for (int i = 0; i < text.Length; i++)
            {
                double part = of.range > 0 ? (of.highest[i] - of.bottom) / of.range : 0;
                text[i] = of.levels[(int)Math.Round(part * (of.levels.Length - 1))];
            }
        });
    }
}
