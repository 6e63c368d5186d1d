namespace BoundedMemory;

/// <summary>A consumer of memory that is registered, held weakly.</summary>
internal sealed class Consumer(IMemoryReclaimer target)
{
    /// <summary>Failures in a row after which it is left alone for a while.</summary>
    private const int Patience = 3;

    private const int MostDoublings = 6;

    private readonly WeakReference<IMemoryReclaimer> _target = new(target);

    /// <summary>Guarantees of those who registered it, one each. Guarded by the registry.</summary>
    public List<long> Guarantees { get; } = [];

    /// <summary>The highest of them.</summary>
    public long Guaranteed { get; set; }

    /// <summary>Times in a row that it failed.</summary>
    private int _failures;

    private TimeSpan _askAgainAt = TimeSpan.MinValue;

    public bool TryGetTarget(out IMemoryReclaimer target) => _target.TryGetTarget(out target!);

    /// <summary>Whether it is left alone, because it has failed again and again.</summary>
    public bool IsAvoided(TimeSpan now) => now < _askAgainAt;

    public void Succeed() => (_failures, _askAgainAt) = (0, TimeSpan.MinValue);

    /// <summary>Leaves it alone for longer and longer.</summary>
    public void Fail(TimeSpan now, TimeSpan pause)
    {
        _failures++;
        if (_failures >= Patience)
        {
            _askAgainAt = now + (pause * (1 << Math.Min(_failures - Patience, MostDoublings)));
        }
    }
}
