using System.Diagnostics.CodeAnalysis;

namespace BoundedMemory.Tests.Support;

/// <summary>A comparer with a hash of the test's choice, which counts comparisons.</summary>
internal sealed class Hashing<T>(Func<T, int> hash) : IEqualityComparer<T>
{
    private long _comparisons;

    public long Comparisons => Interlocked.Read(ref _comparisons);

    public bool Equals(T? x, T? y)
    {
        Interlocked.Increment(ref _comparisons);
        return EqualityComparer<T>.Default.Equals(x, y);
    }

    public int GetHashCode([DisallowNull] T key) => hash(key);

    /// <summary>Comparisons that an operation took.</summary>
    public long Of(Action operation)
    {
        long before = Comparisons;
        operation();
        return Comparisons - before;
    }
}

/// <summary>A key with a hash of the test's choice, compared by its own equality.</summary>
internal sealed record Colliding(int Id, int HashCode = 0)
{
    public override int GetHashCode() => HashCode;

    public bool Equals(Colliding? other) => other is not null && other.Id == Id;
}
