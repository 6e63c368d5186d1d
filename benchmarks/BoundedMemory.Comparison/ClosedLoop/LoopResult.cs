using System.Globalization;

namespace BoundedMemory.Comparison;

/// <summary>What a run gave, as a line of text.</summary>
internal sealed record LoopResult
{
    private const string Mark = "loop;";

    public required string Policy { get; init; }

    public required int EntryBytes { get; init; }

    public required string Outcome { get; init; }

    public bool Survived => Outcome == LoopRun.Survived;

    public required double Seconds { get; init; }

    /// <summary>Held by the cache on average, once it was full.</summary>
    public required long CacheBytes { get; init; }

    /// <summary>Most that was resident, by the kernel.</summary>
    public required long PeakBytes { get; init; }

    public required double PausedPercent { get; init; }

    public required int FullCollections { get; init; }

    /// <summary>Part of the machine that other processes used meanwhile.</summary>
    public required double Disturbance { get; init; }

    /// <summary>Memory in use as the collector has seen it last, in percent of that from which on it collects the whole heap by itself. Page cache counts too.</summary>
    public required double LoadPercent { get; init; }

    public required string Notes { get; init; }

    /// <summary>The line of a result among others; null if there is none.</summary>
    public static LoopResult? Find(string output)
    {
        string? line = output.Split('\n').FirstOrDefault(static line => line.StartsWith(Mark, StringComparison.Ordinal));
        string[] parts = line?.Split(';') ?? [];
        return parts.Length < 12 ? null : new LoopResult
        {
            Policy = parts[1],
            EntryBytes = int.Parse(parts[2], CultureInfo.InvariantCulture),
            Outcome = parts[3],
            Seconds = Number(parts[4]),
            CacheBytes = (long)Number(parts[5]),
            PeakBytes = (long)Number(parts[6]),
            PausedPercent = Number(parts[7]),
            FullCollections = int.Parse(parts[8], CultureInfo.InvariantCulture),
            Disturbance = Number(parts[9]),
            LoadPercent = Number(parts[10]),
            Notes = parts[11].Trim(),
        };
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Mark}{Policy};{EntryBytes};{Outcome};{Seconds:F1};{CacheBytes};{PeakBytes};{PausedPercent:F2};{FullCollections};{Disturbance:F2};{LoadPercent:F0};{Notes}");

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
