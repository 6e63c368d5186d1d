namespace BoundedMemory.Tests.Support;

/// <summary>What one sampler has seen while others work: how often it looked, how often no limit was changing meanwhile, how often one was near.</summary>
internal sealed class LawSamples
{
    private const long Wanted = 3_000_000;

    private long _seen;
    private long _strict;
    private long _near;
    private bool _isBroken;

    /// <summary>Whether there is reason to work on. Threads that hardly get to run need longer to come near a limit, but not for ever. For any thread.</summary>
    public bool AreWanted => !Volatile.Read(ref _isBroken)
        && Volatile.Read(ref _seen) is var seen && (seen < Wanted || (Volatile.Read(ref _near) <= seen / 20 && seen < 10 * Wanted));

    /// <summary>By the sampler alone.</summary>
    public void Add(bool isStrict, bool isNear)
    {
        Volatile.Write(ref _seen, _seen + 1);
        _strict += isStrict ? 1 : 0;
        Volatile.Write(ref _near, _near + (isNear ? 1 : 0));
    }

    /// <summary>A law was seen broken: nobody works on, and the test has failed.</summary>
    public void Break(string how)
    {
        Volatile.Write(ref _isBroken, true);
        Assert.Fail(how);
    }

    /// <summary>Fails if too little was seen for it to mean anything. Once the sampler has ended.</summary>
    public void RequireEnough() =>
        Assert.True(_seen >= Wanted && _strict > _seen / 10 && _near > _seen / 20, $"{_seen} samples, {_strict} strict, {_near} near a limit.");
}
