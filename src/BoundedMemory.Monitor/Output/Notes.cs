using System.Globalization;
using BoundedMemory.Monitor.CommandLine;
using BoundedMemory.Monitor.Judging;
using BoundedMemory.Monitor.Watching;

namespace BoundedMemory.Monitor.Output;

/// <summary>What is said below a table: all that the table leaves out.</summary>
internal static class Notes
{
    public static IEnumerable<string> Of(Watch watch, LookSettings settings)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        int hidden = watch.Processes.Count - settings.Top;
        if (hidden > 0)
        {
            yield return string.Create(culture, $"{hidden} more, less urgent or smaller, are in total and verdict only (--top {settings.Top}).");
        }

        if (watch.Unreadable > 0)
        {
            yield return string.Create(culture, $"{watch.Unreadable} may not be read by this user, and are in no figure.");
        }

        if (watch.LeftOut > 0)
        {
            yield return string.Create(culture, $"{watch.LeftOut} are not watched, and in no figure: {Watch.MostProcesses} are the most.");
        }

        if (watch.Forgotten > 0)
        {
            yield return string.Create(culture, $"{watch.Forgotten} that had exited are no longer listed; the verdict includes them.");
        }

        foreach (WatchedProcess process in watch.InOrder(settings.Thresholds).Where(process => process.IsGrowing).Take(settings.Top))
        {
            yield return Growth(process, settings.Thresholds);
        }
    }

    private static string Growth(WatchedProcess process, Thresholds thresholds)
    {
        Trend trend = process.Trend!.Value;
        string text = $"{Words.Of(process.Identity.Pid)} {Printable.Of(process.Names.Display)} grows steadily, by {Words.Pace(trend).TrimStart('+')} MB an hour";
        long left = thresholds.Act.Bytes - process.Memory.ResidentBytes;
        if (process.EndedAt is not null || left <= 0 || trend.BytesPerHour <= 0)
        {
            return text + ".";
        }

        double hours = left / trend.BytesPerHour;
        string time = hours >= 48 ? $"{hours / 24:F0} days" : hours >= 2 ? $"{hours:F0} hours" : $"{Math.Max(1, hours * 60):F0} minutes";
        return $"{text}: {thresholds.Act} in {time} if it goes on.";
    }
}
