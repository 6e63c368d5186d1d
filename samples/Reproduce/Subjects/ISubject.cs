using BoundedMemory;

namespace Reproduce;

/// <summary>What a workload fills: unbounded as the system had it, or bounded by this library.</summary>
internal interface ISubject : IDisposable
{
    /// <summary>Things held now.</summary>
    long Entries { get; }

    /// <summary>Limit in bytes, null if there is none.</summary>
    long? MaxBytes => null;

    /// <summary>What must never be exceeded.</summary>
    IReadOnlyList<Bound> Bounds => [];

    /// <summary>What came in, and what became of it.</summary>
    Flow Flow { get; }

    /// <summary>Of a cache: what it counted.</summary>
    CacheStatistics? Cache => null;
}

/// <summary>A limit, and how to read what is used of it at any moment.</summary>
/// <param name="Name">Name in the table.</param>
/// <param name="Limit">Greatest legal reading.</param>
/// <param name="IsBytes">Whether it is shown in megabytes.</param>
/// <param name="Read">Reads; called by another thread than the workload's, all the time.</param>
internal sealed record Bound(string Name, long Limit, bool IsBytes, Func<long> Read);

/// <summary>A cache that loads what is missing.</summary>
internal interface ICache<TKey, TValue> : ISubject
    where TKey : notnull
{
    TValue GetOrLoad<TArg>(TKey key, Func<TKey, TArg, TValue> load, TArg argument);
}
