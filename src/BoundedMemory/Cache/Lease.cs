namespace BoundedMemory;

/// <summary>Holds a value in place while it is used: it is neither evicted nor, if its cache disposes values, disposed.</summary>
/// <remarks>
/// <para>The key can still be removed, replaced or reach the end of its time to live; the value then stays usable, and charged to the cache, until
/// its last lease ends. Its time to idle begins when the last lease ends.</para>
/// <para>Thread-safe. Ends once, however often it is disposed. A lease that is never disposed holds its value for ever: see
/// <see cref="CacheStatistics.Leases"/>.</para>
/// </remarks>
/// <example>
/// <code>
/// if (cache.TryAcquire("chart", out Lease&lt;Bitmap&gt;? lease))
/// {
///     using (lease)
///     {
///         Draw(lease.Value);
///     }
/// }
/// </code>
/// </example>
public sealed class Lease<TValue> : IDisposable
{
    private readonly TValue _value;

    /// <summary>Ends the lease of the holder; null once it has ended.</summary>
    private Action<object>? _end;

    internal Lease(TValue value, object holder, Action<object> end)
    {
        _value = value;
        Holder = holder;
        _end = end;
    }

    /// <summary>The entry that is held; something else where the cache did not take the value.</summary>
    internal object Holder { get; }

    /// <summary>The value.</summary>
    /// <exception cref="ObjectDisposedException">The lease has ended.</exception>
    public TValue Value
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _end) is null, this);
            return _value;
        }
    }

    /// <summary>Ends the lease.</summary>
    public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke(Holder);
}
