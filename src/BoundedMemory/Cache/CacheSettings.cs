using System.Numerics;
using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>The validated copy of a cache's options, in the form in which the cache uses them.</summary>
internal sealed class CacheSettings<TKey, TValue>
    where TKey : notnull
{
    public CacheSettings(BoundedCacheOptions<TKey, TValue> options, KeyHasher<TKey> hasher)
    {
        OptionErrors.ThrowFirst(BoundedCacheOptionsValidator<TKey, TValue>.FindErrors(options));
        Name = options.Name;
        Goal = options.Goal;
        IsLru = options.Policy == EvictionPolicy.Lru;
        Tiers = [.. options.Tiers];
        _defaultTier = options.DefaultTier is null ? 0 : TierIndex(options.DefaultTier);
        TimeToLive = Milliseconds(options.TimeToLive);
        TimeToIdle = Milliseconds(options.TimeToIdle);
        RefreshAfter = Milliseconds(options.RefreshAfter);
        StaleIfError = Milliseconds(options.StaleIfError) ?? 0;
        DisposeValues = options.DisposeValues;
        Removed = options.Removed;
        Rejected = options.Rejected;
        Weigher = options.Weigher;
        AuditInterval = options.AuditInterval;
        _budget = options.Budget;
        _maxBytes = options.MaxBytes;
        bool countsBytes = _budget is not null || _maxBytes is not null;
        Unit = countsBytes ? WeightUnit.Bytes : Weigher is not null ? WeightUnit.User : WeightUnit.Entry;
        KeySizer = countsBytes ? options.KeySizer ?? ObjectSizer.For<TKey>() : null;
        ValueSizer = countsBytes ? options.ValueSizer ?? ObjectSizer.For<TValue>() : null;
        _measuresValues = countsBytes && options.ValueSizer is null;
        _timeProvider = options.TimeProvider;
        OrderSpansTiers = IsLru && Tiers.Any(tier => tier.MaxCount is not null || tier.MaxBytes is not null);
        _needsFullEntries = Weigher is not null || RefreshAfter is not null || OrderSpansTiers;

        // A cache of a few kilobytes does not spend half of them on shards, counters and buckets.
        uint most = (uint)Math.Clamp((_maxBytes ?? long.MaxValue) / 4096, 1, CacheLimits.MostConcurrency);
        uint threads = Math.Min(most, (uint)(options.ConcurrencyLevel ?? 4 * Environment.ProcessorCount));
        MaxShards = IsLru ? 1 : (int)(BitOperations.RoundUpToPowerOf2(threads + 1) / 2);
        CounterCells = Math.Min(ThreadCounters.DefaultCells, (int)(BitOperations.RoundUpToPowerOf2(most + 1) / 2));
        InitialBuckets = Math.Max(16, MaxShards);
        ReusesEntries = !IsLru && Removed is null && !DisposeValues && hasher.IsDirect && IsWhole<TKey>() && (!countsBytes || IsWhole<TValue>());
        DefaultPlan = PlanOf(default);
    }

    private readonly TimeProvider _timeProvider;

    /// <summary>Index of the tier of entries that choose none; 0 is no tier.</summary>
    private readonly int _defaultTier;

    /// <summary>Every entry is a <see cref="FullEntry{TKey, TValue}"/>.</summary>
    private readonly bool _needsFullEntries;
    private readonly bool _measuresValues;
    private readonly MemoryBudget? _budget;
    private readonly long? _maxBytes;

    public string Name { get; }

    public EvictionGoal Goal { get; }

    public bool IsLru { get; }

    public IReadOnlyList<TtlTier> Tiers { get; }

    public long? TimeToLive { get; }

    public long? TimeToIdle { get; }

    public long? RefreshAfter { get; }

    public long StaleIfError { get; }

    public bool DisposeValues { get; }

    public Action<RemovedEntry<TKey, TValue>>? Removed { get; }

    public Action<RejectedEntry<TKey, TValue>>? Rejected { get; }

    public Func<TKey, TValue, long>? Weigher { get; }

    public Sizer<TKey>? KeySizer { get; }

    public Sizer<TValue>? ValueSizer { get; }

    public int AuditInterval { get; }

    public WeightUnit Unit { get; }

    /// <summary>The exact order is kept in several lists, and entries carry sequence numbers.</summary>
    public bool OrderSpansTiers { get; }

    /// <summary>What entries are that set nothing of their own.</summary>
    public readonly EntryPlan DefaultPlan;

    /// <summary>Plain entries that are evicted are used again: nobody is told about them, and lookups compare keys by code of ours, because they may see one that is being
    /// changed. What is measured again has to be recognised by reference.</summary>
    public bool ReusesEntries { get; }

    public int MaxShards { get; }

    public int CounterCells { get; }

    public int InitialBuckets { get; }

    /// <summary>The index of a tier by its name; 0 if there is none of that name.</summary>
    public int TierIndex(string name)
    {
        for (int i = 0; i < Tiers.Count; i++)
        {
            if (string.Equals(Tiers[i].Name, name, StringComparison.Ordinal))
            {
                return i + 1;
            }
        }

        return 0;
    }

    /// <summary>What removes expired entries by this cache's clock.</summary>
    public Sweeper Sweeper => Sweeper.For(_timeProvider, CacheLimits.SweepPeriod);

    /// <summary>Values are measured, and of a kind that can retain more later than when they were stored.</summary>
    public bool ValuesMayGrow => ValueSizer is not null && typeof(TValue) != typeof(string) && RuntimeHelpers.IsReferenceOrContainsReferences<TValue>();

    /// <summary>Measures values together; null where they are not measured but declared.</summary>
    public JointSize? MeasureTogether(TValue[] values) => _measuresValues ? ObjectSizer.MeasureTogether<TValue>(values) : null;

    /// <summary>The index of a tier that an entry names.</summary>
    public int RequireTier(string name)
    {
        int index = TierIndex(name);
        if (index == 0)
        {
            string known = Tiers.Count == 0 ? "it has none" : $"it has {string.Join(", ", Tiers.Select(tier => $"'{tier.Name}'"))}";
            OptionErrors.ThrowFirst([new OptionError(nameof(CacheEntryOptions.Tier), name, $"must be a tier of the cache '{Name}' ({known})")]);
        }

        return index;
    }

    /// <summary>What an entry is going to be.</summary>
    /// <exception cref="ArgumentException">An entry option is out of its range, or names a tier that the cache does not have.</exception>
    public EntryPlan PlanOf(in CacheEntryOptions options)
    {
        if (options.ValueBytes is not null || options.Weight is not null)
        {
            RequireDeclared(options);
        }

        int tier = options.Tier is null ? _defaultTier : RequireTier(options.Tier);
        long? lives = RequireTime(options.TimeToLive, nameof(options.TimeToLive)) ?? (tier == 0 ? TimeToLive : Milliseconds(Tiers[tier - 1].TimeToLive));
        long? idles = RequireTime(options.TimeToIdle, nameof(options.TimeToIdle)) ?? TimeToIdle;
        bool expires = lives is not null || idles is not null;
        bool isFull = _needsFullEntries || (idles is not null && (lives is not null || options.TimeToIdle is not null));
        EntryTraits traits = (expires ? EntryTraits.Expires : 0) | (idles is not null ? EntryTraits.Slides : 0) | (isFull ? EntryTraits.Full : 0)
            | (IsLru ? EntryTraits.Ordered : 0) | (options.ValueBytes is not null ? EntryTraits.Declared : 0);
        return new EntryPlan(
            new Placement(tier, InOrderOfDeadline: idles is null && options.TimeToLive is null),
            Entry<TKey, TValue>.WithTier(traits, tier),
            isFull ? EntrySizes<TKey, TValue>.Full : expires ? EntrySizes<TKey, TValue>.Expiring : EntrySizes<TKey, TValue>.Plain,
            lives,
            idles,
            options.ValueBytes,
            options.Weight);
    }

    /// <summary>A time that an entry sets, in milliseconds.</summary>
    private static long? RequireTime(TimeSpan? time, string name)
    {
        if (time is null)
        {
            return null;
        }

        CacheLimits.RequireTime(time, name);
        return Milliseconds(time);
    }

    /// <summary>Checks what an entry declares about its charge and its weight.</summary>
    private void RequireDeclared(in CacheEntryOptions options)
    {
        OptionErrors.ThrowFirst(OptionErrors.Range(nameof(options.ValueBytes), options.ValueBytes, 0, CacheLimits.MostValueBytes));
        if (options.Weight is not null)
        {
            OptionErrors.ThrowFirst(Weigher is not null
                ? OptionErrors.Range(nameof(options.Weight), options.Weight, 0, long.MaxValue)
                : [new OptionError(nameof(options.Weight), options.Weight, $"needs a weight limit, which the cache '{Name}' does not have")]);
        }
    }

    /// <summary>Adds what key and value retain; false, and where counting stopped, if it cannot be told.</summary>
    public bool TryMeasure(TKey key, TValue value, long? valueBytes, ref long bytes, out string? detail)
    {
        detail = null;
        if (KeySizer is null || ValueSizer is null)
        {
            return true;
        }

        SizeResult keySize = KeySizer.Measure(key);
        SizeResult valueSize = valueBytes is { } declared ? new SizeResult(declared, 1, SizeQuality.Declared) : ValueSizer.Measure(value);
        bytes += Math.Min(keySize.Bytes, CacheLimits.MostValueBytes) + Math.Min(valueSize.Bytes, CacheLimits.MostValueBytes);
        SizeResult unknown = keySize.Quality == SizeQuality.CapHit ? keySize : valueSize;
        detail = unknown.Quality == SizeQuality.CapHit ? $"{unknown.StoppedAtType} at {unknown.StoppedAtPath}" : null;
        return detail is null;
    }

    /// <summary>The weight of an entry; 0 where weights do not count.</summary>
    public long WeightOf(TKey key, TValue value, long? weight)
    {
        if (Weigher is null)
        {
            return 0;
        }

        long weighed = weight ?? Weigher(key, value);
        return weighed >= 0
            ? weighed
            : throw new InvalidOperationException($"The weigher of the cache '{Name}' returned {weighed}; a weight must be at least 0.");
    }

    /// <summary>What the cache's bytes are counted in; null if they are not.</summary>
    public MemoryBudget? CreateBudget() =>
        _budget is null && _maxBytes is null ? null : MemoryBudget.ForPrimitive(Name, _maxBytes, _budget);

    private static long? Milliseconds(TimeSpan? time) => time is { } span ? (long)Math.Ceiling(span.TotalMilliseconds) : null;

    /// <summary>A reference, or without any.</summary>
    private static bool IsWhole<T>() => !typeof(T).IsValueType || !RuntimeHelpers.IsReferenceOrContainsReferences<T>();
}
