namespace Reproduce;

/// <summary>Reads bounds on a thread of its own, as often as it can, while a workload runs.</summary>
internal sealed class BoundSampler : IDisposable
{
    /// <summary>Samples between two moments at which the workload may have the core.</summary>
    private const int SamplesAtOnce = 1000;

    private readonly IReadOnlyList<Bound> _bounds;
    private readonly long[] _highest;
    private readonly Thread _thread;
    private long _samples;
    private bool _isOver;

    public BoundSampler(IReadOnlyList<Bound> bounds)
    {
        _bounds = bounds;
        _highest = new long[bounds.Count];
        _thread = new Thread(Sample) { IsBackground = true, Name = "sampler" };
        if (bounds.Count > 0)
        {
            _thread.Start();
        }
    }

    /// <summary>Readings of each bound; complete after <see cref="Dispose"/>.</summary>
    public long Samples => Volatile.Read(ref _samples);

    /// <summary>The highest reading of each bound; complete after <see cref="Dispose"/>.</summary>
    public IReadOnlyList<BoundReading> Readings => [.. _bounds.Select((bound, i) => new BoundReading(bound.Name, bound.Limit, bound.IsBytes, _highest[i]))];

    /// <summary>Ends it, after a last reading.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _isOver, true);
        if (_bounds.Count > 0)
        {
            _thread.Join();
        }
    }

    private void Sample()
    {
        bool isLast;
        do
        {
            isLast = Volatile.Read(ref _isOver);
            for (int sample = 0; sample < SamplesAtOnce; sample++)
            {
                for (int i = 0; i < _highest.Length; i++)
                {
                    _highest[i] = Math.Max(_highest[i], _bounds[i].Read());
                }
            }

            Volatile.Write(ref _samples, _samples + SamplesAtOnce);
            Thread.Yield();
        }
        while (!isLast);
    }
}

/// <summary>The highest that was ever read of a bound.</summary>
internal sealed record BoundReading(string Name, long Limit, bool IsBytes, long Highest);
