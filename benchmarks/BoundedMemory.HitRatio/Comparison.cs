using System.Globalization;

namespace BoundedMemory.HitRatio;

/// <summary>Distances from the bound, in points of miss ratio: mean over the sizes of a trace, then over the traces.</summary>
internal static class Comparison
{
    /// <summary>Checks that the exact order misses what the reference's does, to the digit.</summary>
    /// <returns>The number of differences, each of which is printed.</returns>
    public static int CheckLru(IReadOnlyList<Outcome> outcomes, Reference reference, TextWriter output)
    {
        int compared = 0;
        int different = 0;
        foreach (Outcome ours in outcomes.Where(o => o.Subject == "lru"))
        {
            if (reference.Find(ours.Trace, ours.CacheSize, "LRU") is { } theirs)
            {
                compared++;
                if (ours.Misses != theirs.Misses || ours.MissBytes != theirs.MissBytes)
                {
                    different++;
                    output.WriteLine($"{ours.Trace} at {ours.CacheSize}: {ours.Misses} misses and {ours.MissBytes} bytes, not {theirs.Misses} and {theirs.MissBytes}.");
                }
            }
        }

        output.WriteLine($"Self-check: lru equals the reference LRU in {compared - different} of {compared} cases.");
        return different;
    }

    /// <summary>Prints every subject and known policy by its distance, and how each compares with LRU trace by trace.</summary>
    public static void Print(IReadOnlyList<Outcome> outcomes, Reference reference, TextWriter output)
    {
        foreach (bool sized in new[] { true, false })
        {
            (string Trace, long CacheSize)[] cases = [.. outcomes.Where(o => o.Sized == sized).Select(o => (o.Trace, o.CacheSize)).Distinct()];
            if (cases.Length == 0)
            {
                continue;
            }

            var distances = new Dictionary<string, List<(string Trace, double Requests, double Bytes)>>();
            foreach ((string trace, long size) in cases)
            {
                if (reference.Bound(trace, size, sized) is not { } bound)
                {
                    continue;
                }

                foreach (Outcome outcome in reference.At(trace, size).Concat(outcomes.Where(o => o.Trace == trace && o.CacheSize == size)))
                {
                    if (!distances.TryGetValue(outcome.Subject, out List<(string, double, double)>? list))
                    {
                        distances[outcome.Subject] = list = [];
                    }

                    list.Add((trace, 100 * (outcome.MissRatio - bound.MissRatio), 100 * (outcome.ByteMissRatio - bound.ByteMissRatio)));
                }
            }

            string[] traces = [.. cases.Select(c => c.Trace).Distinct()];
            Dictionary<string, double> lru = PerTrace(distances["LRU"], traces);
            output.WriteLine();
            output.WriteLine(sized
                ? $"Sized traces ({string.Join(", ", traces)}): mean distance from PFOO-L, points"
                : $"Unsized traces ({string.Join(", ", traces)}): mean distance from Belady, points");
            output.WriteLine(sized ? "policy,requests,bytes,worst_trace_against_lru" : "policy,requests,worst_trace_against_lru");

            // Policies that the reference has for only some of the traces cannot be compared.
            foreach ((string policy, List<(string Trace, double Requests, double Bytes)> list) in distances
                .Where(d => d.Value.Select(e => e.Trace).Distinct().Count() == traces.Length)
                .OrderBy(d => Mean(PerTrace(d.Value, traces))))
            {
                Dictionary<string, double> requests = PerTrace(list, traces);
                double bytes = traces.Average(t => list.Where(e => e.Trace == t).Average(e => e.Bytes));
                string worst = traces.MaxBy(t => requests[t] - lru[t])!;
                string against = string.Create(CultureInfo.InvariantCulture, $"{requests[worst] - lru[worst]:+0.00;-0.00;0.00} ({worst})");
                output.WriteLine(sized
                    ? string.Create(CultureInfo.InvariantCulture, $"{policy},{Mean(requests):F2},{bytes:F2},{against}")
                    : string.Create(CultureInfo.InvariantCulture, $"{policy},{Mean(requests):F2},{against}"));
            }
        }
    }

    private static Dictionary<string, double> PerTrace(List<(string Trace, double Requests, double Bytes)> list, string[] traces) =>
        traces.ToDictionary(t => t, t => list.Where(e => e.Trace == t).Select(e => e.Requests).DefaultIfEmpty(double.NaN).Average());

    private static double Mean(Dictionary<string, double> perTrace) => perTrace.Values.Average();
}
