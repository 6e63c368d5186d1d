using System.Globalization;
using BoundedMemory.Monitor.CommandLine;
using BoundedMemory.Monitor.Judging;
using BoundedMemory.Monitor.Watching;

namespace BoundedMemory.Monitor.Output;

/// <summary>Shows one look at the processes of interest.</summary>
internal static class QuickOutput
{
    private const int NameLength = 40;

    public static void Write(Surroundings surroundings, Watch watch, LookSettings settings)
    {
        Grid grid = GridOf(watch, settings);
        if (surroundings.Terminal is { } terminal)
        {
            terminal.Write(grid.ToTable());
        }
        else
        {
            grid.Write(surroundings.Output);
        }

        foreach (string note in Notes.Of(watch, settings))
        {
            surroundings.Output.WriteLine(note);
        }
    }

    private static Grid GridOf(Watch watch, LookSettings settings)
    {
        var grid = new Grid(">pid", "name", ">resident", ">private", ">swap", ">threads", "verdict");
        foreach (WatchedProcess process in watch.InOrder(settings.Thresholds).Take(settings.Top))
        {
            Verdict verdict = process.Judge(settings.Thresholds);
            grid.Add(
                Words.Of(process.Identity.Pid),
                Printable.Of(process.Names.Display, NameLength),
                Words.Of(process.Memory.ResidentBytes),
                Words.Of(process.Memory.PrivateBytes),
                Words.Of(process.Memory.SwapBytes),
                Words.Of(process.Threads),
                new Cell(Words.Of(verdict), verdict));
        }

        Verdict total = settings.Thresholds.JudgeTotal(watch.MostTotalBytes);
        grid.AddTotal(
            "",
            string.Create(CultureInfo.InvariantCulture, $"total of {watch.Total.Processes}"),
            Words.Of(watch.Total.ResidentBytes),
            Words.Of(watch.Total.PrivateBytes),
            Words.Of(watch.Total.SwapBytes),
            watch.Total.Threads.ToString(CultureInfo.InvariantCulture),
            new Cell(Words.Of(total), total));
        return grid;
    }
}
