namespace Reproduce;

/// <summary>One leak of one system: a workload that runs once per <see cref="Variant"/>, each time in a process of its own.</summary>
internal interface IScenario
{
    /// <summary>Name on the command line; scenarios of one leak share the beginning of theirs.</summary>
    string Name { get; }

    /// <summary>The system it comes from and its report.</summary>
    string Origin { get; }

    /// <summary>What happens, in a line or two.</summary>
    string Workload { get; }

    /// <summary>The variants to run, in the order of the table's columns.</summary>
    IReadOnlyList<Variant> Variants => [Variant.Unbounded, Variant.Bounded];

    /// <summary>What the runtime is told in the processes of this scenario, by variables of its environment.</summary>
    IReadOnlyDictionary<string, string> Runtime => new Dictionary<string, string>();

    /// <summary>The report's numbers, and what to put beside them.</summary>
    IReadOnlyList<Claim> Claims { get; }

    /// <summary>Runs the workload and measures it.</summary>
    /// <param name="variant">One of <see cref="Variants"/>.</param>
    /// <param name="quick">A smaller form, of less than ten seconds.</param>
    Trial Run(Variant variant, bool quick);

    /// <summary>What must hold beyond what must hold for every scenario: see <see cref="Verdict"/>.</summary>
    IEnumerable<Check> Check(IReadOnlyDictionary<Variant, Trial> trials) => [];
}

/// <summary>How the workload's memory is bounded.</summary>
internal enum Variant
{
    /// <summary>As the system was.</summary>
    Unbounded,

    /// <summary>As the report fixed it, if that is less than what it promises to the byte: limits in entries alone.</summary>
    CountsOnly,

    /// <summary>By what a cache of this library keeps, with nobody who looks at what the process takes.</summary>
    BytesOnly,

    /// <summary>With this library.</summary>
    Bounded,
}

/// <summary>A number of a report.</summary>
/// <param name="What">What it is the number of.</param>
/// <param name="Low">The number, or the low end of the range.</param>
/// <param name="High">The number, or the high end of the range.</param>
/// <param name="Unit">Its unit; may be empty.</param>
/// <param name="Source">Where in the report it stands.</param>
/// <param name="Variant">The variant to measure it on.</param>
/// <param name="Measured">The number to put beside it.</param>
internal sealed record Claim(string What, double Low, double High, string Unit, string Source, Variant Variant, Func<Trial, double> Measured);

/// <summary>Something that must hold for the comparison to prove anything.</summary>
internal sealed record Check(bool Holds, string Text);
