using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace BoundedMemory.Comparison;

/// <summary>Prints the CSV while it comes, and what is not part of it to the error stream.</summary>
internal sealed class Report : IDisposable
{
    private const string Header = "area,workload,threads,subject,metric,median,iqr,ratio_to_memorycache,ratio_to_concurrentdictionary";

    private static readonly long Started = Stopwatch.GetTimestamp();

    private readonly StreamWriter? _file;

    public Report(Arguments arguments)
    {
        _file = arguments.CsvPath is null ? null : new StreamWriter(arguments.CsvPath) { AutoFlush = true };
        string isQuick = arguments.Plan.IsQuick ? "; quick: shows that it runs, not how fast" : "";
        Write(string.Create(CultureInfo.InvariantCulture, $"# {DateTime.UtcNow:yyyy-MM-dd}; {Environment.ProcessorCount} cores, {Processor}; {RuntimeInformation.OSDescription}; {RuntimeInformation.FrameworkDescription}; {arguments.Plan.Repetitions} repetitions{isQuick}"));
        Write("# Ratios: medians of the ratios within each repetition, the way round in which more is better for the subject.");
        foreach (Area area in arguments.Areas)
        {
            Write($"# {area.Name}: ratio_to_memorycache is to '{area.Baselines.MemoryCache}', ratio_to_concurrentdictionary to '{area.Baselines.ConcurrentDictionary}'.");
        }

        Write(Header);
    }

    private static string Processor => (File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo") : [])
        .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
        ?? RuntimeInformation.ProcessArchitecture.ToString();

    public static void Progress(string text) =>
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(Started).TotalSeconds,5:F0} s  {text}"));

    public void Add(Results results, int repeated, int keptDisturbed)
    {
        foreach (Row row in results.Rows())
        {
            Write(string.Join(
                ',',
                row.Area,
                row.Workload,
                row.Threads,
                row.Subject,
                row.Metric,
                Text(row.Median),
                Text(row.Iqr),
                Text(row.RatioToMemoryCache),
                Text(row.RatioToConcurrentDictionary)));
        }

        if (repeated > 0)
        {
            Progress($"{results.Title}: {repeated} repeated because other processes were busy, {keptDisturbed} of them disturbed again");
        }
    }

    public void Dispose()
    {
        Progress("done");
        _file?.Dispose();
    }

    /// <summary>Four significant digits or two decimals, whichever is more; nothing where there is no number.</summary>
    private static string Text(double? value) => value switch
    {
        null or double.NaN => "",
        double.PositiveInfinity => "inf",
        >= 100 => value.Value.ToString("F1", CultureInfo.InvariantCulture),
        >= 10 => value.Value.ToString("F2", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("F3", CultureInfo.InvariantCulture),
    };

    private void Write(string line)
    {
        Console.WriteLine(line);
        _file?.WriteLine(line);
    }
}
