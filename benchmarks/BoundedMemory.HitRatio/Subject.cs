namespace BoundedMemory.HitRatio;

/// <summary>A configuration of the cache that is measured.</summary>
internal sealed record Subject(string Name, EvictionPolicy Policy, EvictionGoal Goal)
{
    public static readonly Subject[] All =
    [
        new("lru", EvictionPolicy.Lru, EvictionGoal.Balanced),
        new("default", EvictionPolicy.ScanResistant, EvictionGoal.Balanced),
        new("requests", EvictionPolicy.ScanResistant, EvictionGoal.Requests),
        new("bytes", EvictionPolicy.ScanResistant, EvictionGoal.Bytes),
    ];

    /// <summary>Reads a trace through a cold cache that is bounded as the reference is: by the objects' own bytes, nothing added.</summary>
    public Outcome Replay(Trace trace, long capacity)
    {
        using var cache = new BoundedCache<int, object>(new()
        {
            Name = Name,
            MaxWeight = capacity,
            Weigher = (id, _) => trace.SizeOf(id),
            Policy = Policy,
            Goal = Goal,
        });
        object value = new();
        long misses = 0;
        long missedBytes = 0;
        foreach (int id in trace.Requests)
        {
            if (!cache.TryGet(id, out _))
            {
                misses++;
                missedBytes += trace.SizeOf(id);
                cache.Set(id, value);
            }
        }

        return cache.Statistics.Misses == misses
            ? new Outcome(trace.Name, trace.Sizes is not null, capacity, Name, trace.Requests.Length, misses, trace.TotalBytes, missedBytes)
            : throw new InvalidOperationException($"The cache counted {cache.Statistics.Misses} misses where there were {misses}.");
    }
}

/// <summary>What a policy missed of a trace at one size.</summary>
internal sealed record Outcome(
    string Trace, bool Sized, long CacheSize, string Subject, long Requests, long Misses, long RequestBytes, long MissBytes)
{
    public const string Header = "trace,sized,cache_size,subject,requests,misses,request_bytes,miss_bytes";

    public double MissRatio => (double)Misses / Requests;

    public double ByteMissRatio => (double)MissBytes / RequestBytes;

    public override string ToString() =>
        string.Join(',', Trace, Sized ? 1 : 0, CacheSize, Subject, Requests, Misses, RequestBytes, MissBytes);
}
