namespace BoundedMemory.Comparison;

/// <summary>A comparison of caches: every workload is about one number of entries and one type of keys.</summary>
internal abstract class CacheArea : Area
{
    /// <summary>The workloads.</summary>
    protected abstract IReadOnlyList<CacheCase> Cases { get; }

    protected abstract IReadOnlyList<CacheSubject> Subjects { get; }

    /// <summary>Whether the number of threads makes a difference.</summary>
    protected virtual bool IsParallel => true;

    public override IReadOnlyList<Workload> Workloads(Plan plan) =>
    [
        .. Cases.Where(c => plan.Keys is null || plan.Keys == c.Keys)
            .Select(c => new Workload(c.Name, [.. Subjects.Select(s => s.Name)], IsParallel ? plan.Threads : [1])),
    ];

    public override IMeasured Prepare(string workload, string subject, Plan plan)
    {
        CacheCase @case = Cases.Single(c => c.Name == workload);
        CacheSubject found = Subjects.Single(s => s.Name == subject);
        return @case.Keys == KeyKind.Long
            ? found.Prepare(Create<long>(@case, Keys.Long, plan), Keys.Long)
            : found.Prepare(Create<string>(@case, Keys.String, plan), Keys.String);
    }

    protected abstract ICacheWorkload<TKey> Create<TKey>(CacheCase @case, Func<long, TKey> keyOf, Plan plan)
        where TKey : notnull;
}

/// <summary>A workload of an area of caches.</summary>
internal sealed record CacheCase(string Name, KeyKind Keys, int Entries);

/// <summary>A workload, for whatever type of cache it is given.</summary>
internal interface ICacheWorkload<TKey>
    where TKey : notnull
{
    /// <summary>Prepares a repetition, in code that is compiled for this one type of cache.</summary>
    /// <param name="create">Makes an empty cache for a number of entries.</param>
    IMeasured Prepare<TCache>(Func<int, TCache> create)
        where TCache : struct, ICache<TKey>;
}
