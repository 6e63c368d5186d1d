namespace BoundedMemory;

/// <summary>Milliseconds since some moment, as cheap as the clock allows.</summary>
/// <remarks>The system's clock is read with the resolution of <see cref="Environment.TickCount64"/>, which costs a third of a time stamp.</remarks>
internal readonly struct CacheClock
{
    public const long Never = long.MaxValue;

    /// <summary>Null for the system's clock.</summary>
    private readonly TimeProvider? _provider;

    public CacheClock(TimeProvider provider)
    {
        _provider = ReferenceEquals(provider, TimeProvider.System) ? null : provider;
    }

    public long Now => _provider is null ? Environment.TickCount64 : (long)_provider.GetElapsedTime(0, _provider.GetTimestamp()).TotalMilliseconds;

    /// <summary>The moment that long after <paramref name="moment"/>, or never.</summary>
    public static long After(long moment, long milliseconds) => moment > Never - milliseconds ? Never : moment + milliseconds;
}
