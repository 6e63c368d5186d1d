namespace Reproduce;

/// <summary>What must hold for every scenario.</summary>
internal static class Verdict
{
    /// <summary>What the heap may hold beyond a limit in bytes: what a collection cannot tell from the cache.</summary>
    public const long Tolerance = 64 * Units.KB;

    /// <summary>Readings without which a bound was not watched.</summary>
    private const long LeastSamples = 1000;

    public static IEnumerable<Check> Of(IScenario scenario, IReadOnlyDictionary<Variant, Trial> trials)
    {
        foreach ((Variant variant, Trial trial) in trials)
        {
            foreach (BoundReading reading in trial.Readings)
            {
                yield return new Check(
                    reading.Highest <= reading.Limit && trial.Samples >= LeastSamples,
                    $"{Table.NameOf(variant)}: {reading.Name} never over {Show(reading, reading.Limit)}: at most {Show(reading, reading.Highest)} in {trial.Samples:N0} readings");
            }

            Flow flow = trial.Flow;
            yield return new Check(
                flow.Entered == flow.Kept + flow.LeftInAll && flow.Refused == 0,
                $"{Table.NameOf(variant)}: {flow.Entered:N0} entered = {flow.Kept:N0} kept + {flow.LeftInAll:N0} left, by cause; {flow.Refused:N0} refused");
        }

        if (trials[Variant.Bounded].MaxBytes is { } limit)
        {
            Trial bounded = trials[Variant.Bounded];
            yield return new Check(
                bounded.LiveBytes <= limit + Tolerance,
                $"bounded: live heap {bounded.LiveMegabytes:N2} MB, promised {Units.Megabytes(limit + Tolerance):N2}");
            Trial control = trials[Variant.Unbounded];
            yield return new Check(control.LiveBytes > limit + Tolerance, $"unbounded, the control: live heap {control.LiveMegabytes:N2} MB is over that");
        }

        foreach (Check check in scenario.Check(trials))
        {
            yield return check;
        }
    }

    private static string Show(BoundReading reading, long value) => reading.IsBytes ? $"{Units.Megabytes(value):N3} MB" : $"{value:N0}";
}
