namespace BoundedMemory.Tests.Contracts;

/// <summary>A bounded primitive as the laws see it: things of some size come in under a number, and leave.</summary>
internal interface IBoundedSubject : IDisposable
{
    long Bytes { get; }

    long Count { get; }

    long MaxBytes { get; }

    long MaxCount { get; }

    /// <summary>Things that came in, and things that left, for whatever cause.</summary>
    (long In, long Out) Flow { get; }

    /// <summary>Adds something, or puts it in another's place; false if it was refused.</summary>
    bool Add(int number, int size);

    void Use(int number);

    void Remove(int number);

    long Trim(long bytes);

    bool TryResize(long maxBytes, long maxCount);

    /// <summary>Throws if what is counted is not what is there.</summary>
    void Verify();
}
