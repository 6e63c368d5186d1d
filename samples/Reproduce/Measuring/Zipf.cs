namespace Reproduce;

/// <summary>Ranks as popular as those of requests are: the n-th is asked for 1 / n^skew as often as the first.</summary>
internal sealed class Zipf
{
    private readonly double[] _upTo;

    public Zipf(int ranks, double skew)
    {
        _upTo = new double[ranks];
        double sum = 0;
        for (int i = 0; i < ranks; i++)
        {
            _upTo[i] = sum += Math.Pow(i + 1, -skew);
        }
    }

    public int Next(Random random)
    {
        int found = Array.BinarySearch(_upTo, random.NextDouble() * _upTo[^1]);
        return Math.Min(found < 0 ? ~found : found, _upTo.Length - 1);
    }
}
