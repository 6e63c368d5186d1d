namespace BoundedMemory;

/// <summary>Time of a shard, counted by the weight that is added to it: ages of entries in different lists, and of keys that are gone, are comparable.</summary>
/// <remarks>A mutable struct; it lives in a field and is never copied.</remarks>
internal struct Turnover()
{
    /// <summary>Ticks that pass while as much is added as the shard holds when the cache is full.</summary>
    private const int TicksPerTurnover = 256;

    /// <summary>Weight of a tick, and what has been added since the last one.</summary>
    private double _tick = double.PositiveInfinity;
    private double _sinceTick;

    /// <summary>The time; wraps.</summary>
    public ushort Now { get; private set; }

    /// <summary>Weight of the shard when the cache is full, as far as is known.</summary>
    public double Capacity { get; private set; } = double.PositiveInfinity;

    /// <summary>Ticks that have passed since.</summary>
    public readonly int AgeOf(ushort stamp) => (ushort)(Now - stamp);

    /// <summary>Ticks that pass while so much weight is added.</summary>
    public readonly int TicksOf(double weight) => (int)(weight / _tick);

    public void Advance(long weight)
    {
        _sinceTick += weight;
        if (_sinceTick >= _tick)
        {
            double ticks = Math.Floor(_sinceTick / _tick);
            Now += (ushort)(ulong)ticks;
            _sinceTick -= ticks * _tick;
        }
    }

    public void SetCapacity(double capacity)
    {
        Capacity = capacity;
        _tick = Math.Max(1, capacity / TicksPerTurnover);
    }

    /// <summary>Takes another shard's time, so that stamps keep their meaning.</summary>
    public void SetTime(in Turnover other) => Now = other.Now;
}
