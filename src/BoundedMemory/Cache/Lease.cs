namespace BoundedMemory;

/// <summary>Holds a value in place while it is used: it is neither evicted nor, if its cache disposes values, disposed.</summary>
/// <remarks>
/// <para>The key can still be removed, replaced or expire; the value then stays usable, and charged to the cache, until its last lease ends.</para>
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

    private readonly object _holder;

    internal Lease(TValue value, object holder, Action<object> end)
    {
        _value = value;
        _holder = holder;
        _end = end;
    }

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
    public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke(_holder);
}
