namespace BoundedMemory;

/// <summary>An amount in each of the quantities that a cache bounds; negative where something is given back.</summary>
internal record struct Claim(long Count, long Bytes, long Weight, long TierCount, long TierBytes)
{
    public readonly Claim WithoutTier => this with { TierCount = 0, TierBytes = 0 };

    public readonly Claim OnlyTier => new(0, 0, 0, TierCount, TierBytes);

    /// <summary>The part that a lease leaves free: the place, but not what fills it.</summary>
    public readonly Claim OnlyCounts => new(Count, 0, 0, TierCount, 0);

    public static Claim Only(Shortage limit, long amount) =>
        limit == Shortage.Bytes ? new Claim(0, amount, 0, 0, 0) : new Claim(amount, 0, 0, 0, 0);

    public readonly Claim Without(Shortage limit) => limit == Shortage.Bytes ? this with { Bytes = 0 } : this with { Count = 0 };

    public readonly long Of(Shortage shortage) => shortage switch
    {
        Shortage.Count => Count,
        Shortage.Bytes => Bytes,
        Shortage.Weight => Weight,
        Shortage.TierCount => TierCount,
        Shortage.TierBytes => TierBytes,
        _ => 0,
    };

    /// <summary>Adds in place: a copy of five numbers that were only just written makes the processor wait for all writes before them.</summary>
    public void Add(in Claim other)
    {
        Count += other.Count;
        Bytes += other.Bytes;
        Weight += other.Weight;
        TierCount += other.TierCount;
        TierBytes += other.TierBytes;
    }

    /// <summary>Subtracts in place, for the same reason.</summary>
    public void Subtract(in Claim other)
    {
        Count -= other.Count;
        Bytes -= other.Bytes;
        Weight -= other.Weight;
        TierCount -= other.TierCount;
        TierBytes -= other.TierBytes;
    }

    public static Claim operator +(Claim x, Claim y)
    {
        x.Add(y);
        return x;
    }

    public static Claim operator -(Claim x, Claim y)
    {
        x.Subtract(y);
        return x;
    }
}

/// <summary>Which limit had no room.</summary>
internal enum Shortage
{
    None,
    Count,
    Bytes,
    Weight,
    TierCount,
    TierBytes,
}
