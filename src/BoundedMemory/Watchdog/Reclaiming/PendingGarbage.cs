namespace BoundedMemory;

/// <summary>What was given back and is still on the heap, because no collection of the whole heap has begun and ended since.</summary>
/// <remarks>Without this the same need would be seen, and met, again and again until a collection comes: that is how caches are emptied.</remarks>
internal sealed class PendingGarbage
{
    private const int Most = 8;

    private readonly (long Begun, long Bytes)[] _trims = new (long, long)[Most];
    private int _count;

    public long Bytes { get; private set; }

    /// <param name="bytes">Given just now.</param>
    /// <param name="begun">Collections begun so far: only a later one takes it away.</param>
    public void Add(long bytes, long begun)
    {
        if (bytes > 0)
        {
            _count = Math.Min(_count, Most - 1);
            long merged = _trims[_count].Bytes;
            _trims[_count++] = (begun, bytes + merged);
            Bytes += bytes;
        }
    }

    /// <param name="lastFull">The last collection of the whole heap that has ended.</param>
    public void Collect(long lastFull)
    {
        int kept = 0;
        Bytes = 0;
        for (int i = 0; i < _count; i++)
        {
            if (_trims[i].Begun >= lastFull)
            {
                _trims[kept++] = _trims[i];
                Bytes += _trims[i].Bytes;
            }
        }

        Array.Clear(_trims, kept, Most - kept);
        _count = kept;
    }
}
