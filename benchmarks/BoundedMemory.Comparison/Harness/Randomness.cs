namespace BoundedMemory.Comparison;

/// <summary>SplitMix64 (Steele, Lea, Flood, 2014): the same numbers on every machine and every runtime.</summary>
internal sealed class Randomness(ulong seed)
{
    private ulong _state = seed * 0x9E3779B97F4A7C15;

    /// <summary>The numbers from 0 to below <paramref name="count"/>, in an order that is always the same.</summary>
    public static int[] Shuffled(int count)
    {
        int[] numbers = [.. Enumerable.Range(0, count)];
        var random = new Randomness(seed: 3);
        for (int i = count - 1; i > 0; i--)
        {
            int j = random.Below(i + 1);
            (numbers[i], numbers[j]) = (numbers[j], numbers[i]);
        }

        return numbers;
    }

    public ulong Next()
    {
        ulong bits = _state += 0x9E3779B97F4A7C15;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }

    /// <summary>From 0 to below 1.</summary>
    public double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));

    public int Below(int limit) => (int)Math.BigMul(Next(), (ulong)limit, out _);
}
