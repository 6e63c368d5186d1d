namespace BoundedMemory;

/// <summary>A kind of primitive, as requests name it.</summary>
internal abstract class AdminKind(string name)
{
    /// <summary>The first part of an address, and what the answer calls it.</summary>
    public string Name => name;

    /// <summary>The primitives of this kind that are alive.</summary>
    /// <param name="realm">Whose.</param>
    /// <param name="called">Their name; null: any.</param>
    public abstract IEnumerable<LivePart> Find(AdminRealm realm, string? called);

    protected string AddressOf(string source) => $"{name}/{source}";
}

/// <summary>A kind of primitive with its meter, whose live sources are all there are.</summary>
/// <param name="name">What it is called.</param>
/// <param name="meterOf">The meter of a factory, or of those without one.</param>
/// <param name="figuresOf">Items and bytes.</param>
/// <param name="faultOf">What it fails with at present.</param>
/// <param name="addsUp">Whether the sum of their figures makes sense.</param>
internal sealed class AdminKind<TStatistics>(
    string name, AdminMeterOf<TStatistics> meterOf, Func<TStatistics, AdminFigures> figuresOf, Func<TStatistics, Exception?>? faultOf = null, bool addsUp = true)
    : AdminKind(name)
    where TStatistics : struct
{
    public override IEnumerable<LivePart> Find(AdminRealm realm, string? called) => realm.SourcesOf(meterOf)
        .Where(found => called is null || string.Equals(found.Source.Name, called, StringComparison.Ordinal))
        .Select(found => new LivePart(
            AddressOf(found.Source.Name), found.Scope, found.Source as ITrimmable, () => figuresOf(found.Source.Statistics)));

    /// <summary>What there is, by name; of more than may be listed, those that hold most.</summary>
    /// <remarks>One at a time is read, and no more kept than are listed: an answer takes no more memory the more there are.</remarks>
    public AdminSection<TStatistics> Report(AdminRealm realm, int maxParts)
    {
        var largest = new PriorityQueue<AdminPart<TStatistics>, long>();
        int count = 0;
        AdminFigures total = default;
        foreach ((IMeterSource<TStatistics> source, AdminScope scope) in realm.SourcesOf(meterOf))
        {
            TStatistics statistics = source.Statistics;
            AdminFigures figures = figuresOf(statistics);
            total = new AdminFigures(total.Items + figures.Items, total.Bytes + figures.Bytes);
            count++;
            var part = new AdminPart<TStatistics>(
                AddressOf(source.Name), source.Name, scope, source is ITrimmable, (source as IMemoryReclaimer)?.ReclaimableBytes,
                faultOf?.Invoke(statistics)?.GetType().Name, statistics);
            largest.Enqueue(part, figures.Bytes);
            if (largest.Count > maxParts)
            {
                largest.Dequeue();
            }
        }

        AdminPart<TStatistics>[] parts = [.. largest.UnorderedItems.Select(static item => item.Element).OrderBy(static part => part.Name, StringComparer.Ordinal)];
        return new AdminSection<TStatistics>(count, count - parts.Length, addsUp ? total.Items : null, addsUp ? total.Bytes : null, parts);
    }
}
