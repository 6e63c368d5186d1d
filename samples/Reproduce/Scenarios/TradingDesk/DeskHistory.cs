using BoundedMemory;

namespace Reproduce;

/// <summary>A list of the trading desk that only grows: its transactions or its signals.</summary>
/// <typeparam name="T">What it is a list of.</typeparam>
internal sealed class DeskHistory<T> : IScenario
    where T : class
{
    private const string Readable = "readable";
    private const string IsWhole = "is whole";

    public required string Name { get; init; }

    public string Origin => "2 trading desk";

    public required string Workload { get; init; }

    public required IReadOnlyList<Claim> Claims { get; init; }

    /// <summary>Things that happen in all.</summary>
    public required int Events { get; init; }

    /// <summary>How many of the newest must be readable in the end.</summary>
    public required int MustBeReadable { get; init; }

    /// <summary>What is left in memory, at most and at least.</summary>
    public required (int Least, int Most) InMemory { get; init; }

    public required Func<int, T> Create { get; init; }

    public required Func<T, int> NumberOf { get; init; }

    /// <summary>The ring that the list becomes.</summary>
    public required Func<RingBufferOptions<T>> Options { get; init; }

    /// <summary>Whether what falls out of it goes to a file.</summary>
    public bool IsArchived { get; init; }

    public Trial Run(Variant variant, bool quick)
    {
        DirectoryInfo? directory = IsArchived ? Directory.CreateTempSubdirectory("desk-") : null;
        try
        {
            int run = 0;
            return Trial.Run(
                () => New(variant, directory is null ? null : Path.Combine(directory.FullName, $"{run++}")),
                warmUp: Fill,
                work: Fill,
                facts: FactsOf);
        }
        finally
        {
            directory?.Delete(recursive: true);
        }
    }

    public IEnumerable<Check> Check(IReadOnlyDictionary<Variant, Trial> trials)
    {
        Trial bounded = trials[Variant.Bounded];
        yield return new Check(
            bounded.Entries >= InMemory.Least && bounded.Entries <= InMemory.Most,
            $"bounded: {bounded.Entries:N0} in memory, {(InMemory.Least == InMemory.Most ? "" : $"{InMemory.Least:N0}-")}{InMemory.Most:N0} asked for");
        yield return new Check(
            bounded.Facts[Readable] == MustBeReadable && bounded.Facts[IsWhole] == 1,
            $"bounded: the newest {bounded.Facts[Readable]:N0} of {Events:N0} can be read, in their order and without a gap");
    }

    private IHistory<T> New(Variant variant, string? archive) => variant == Variant.Unbounded ? new UnboundedHistory<T>() : new BoundedHistory<T>(Options(), archive);

    private void Fill(IHistory<T> history)
    {
        for (int i = 0; i < Events; i++)
        {
            history.Add(Create(i));

            // A few weeks in reality, in which the file has been written long since.
            if (i % 500 == 0)
            {
                history.Settle();
            }
        }

        history.Settle();
    }

    private Dictionary<string, double> FactsOf(IHistory<T> history)
    {
        int[] numbers = [.. history.All.Select(NumberOf)];
        bool isWhole = numbers.AsSpan().SequenceEqual(Enumerable.Range(Events - numbers.Length, numbers.Length).ToArray());
        return new Dictionary<string, double> { [Readable] = numbers.Length, [IsWhole] = isWhole ? 1 : 0 };
    }
}
