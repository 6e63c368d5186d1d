namespace BoundedMemory.Comparison;

/// <summary>Ranks drawn with probabilities proportional to <c>1 / (rank + 1) ^ skew</c>, exactly, in constant time (Walker's alias method, in Vose's form).</summary>
internal sealed class Zipf
{
    private readonly double[] _threshold;
    private readonly int[] _alias;

    public Zipf(int ranks, double skew)
    {
        double[] scaled = new double[ranks];
        double sum = 0;
        for (int i = 0; i < ranks; i++)
        {
            sum += scaled[i] = Math.Pow(i + 1, -skew);
        }

        _threshold = new double[ranks];
        _alias = new int[ranks];
        var small = new Stack<int>();
        var large = new Stack<int>();
        for (int i = 0; i < ranks; i++)
        {
            scaled[i] *= ranks / sum;
            (scaled[i] < 1 ? small : large).Push(i);
        }

        while (small.Count > 0 && large.Count > 0)
        {
            int less = small.Pop();
            int more = large.Pop();
            _threshold[less] = scaled[less];
            _alias[less] = more;
            scaled[more] -= 1 - scaled[less];
            (scaled[more] < 1 ? small : large).Push(more);
        }

        foreach (int rest in small.Concat(large))
        {
            _threshold[rest] = 1;
        }
    }

    public int Next(Randomness random)
    {
        int rank = random.Below(_threshold.Length);
        return random.Fraction() < _threshold[rank] ? rank : _alias[rank];
    }
}
