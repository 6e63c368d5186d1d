using System.Runtime.CompilerServices;

namespace BoundedMemory.Comparison;

/// <summary>Reads the key and does nothing with it: what the measuring itself costs.</summary>
internal sealed class NothingSubject() : CacheSubject("(nothing)")
{
    public override IMeasured Prepare<TKey>(ICacheWorkload<TKey> workload, Func<long, TKey> keyOf) =>
        workload.Prepare(_ => default(Adapter<TKey>));

    private readonly struct Adapter<TKey> : ICache<TKey>
        where TKey : notnull
    {
        public long Count => 0;

        public bool IsBounded => false;

        public object? TryGet(TKey key) => IsSomething(key) ? Value.Shared : null;

        public void Set(TKey key)
        {
            if (!IsSomething(key))
            {
                throw new ArgumentException("The default key is not used.", nameof(key));
            }
        }

        public object? GetOrAdd(TKey key, Loader loader) => TryGet(key);

        public void Remove(TKey key)
        {
        }

        public void Dispose()
        {
        }

        private static bool IsSomething(TKey key) => typeof(TKey) == typeof(long) ? Unsafe.As<TKey, long>(ref key) != 0 : key is not null;
    }
}
