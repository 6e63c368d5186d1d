using System.Diagnostics;

namespace BoundedMemory.Comparison;

/// <summary>Threads that begin their work together, as often as they are told to.</summary>
internal sealed class Team : IDisposable
{
    private readonly Func<int, long> _work;
    private readonly Barrier _start;
    private readonly Barrier _end;
    private readonly Part[] _parts;
    private volatile bool _isOver;

    public Team(int threads, Func<int, long> work)
    {
        _work = work;
        _start = new Barrier(threads + 1);
        _end = new Barrier(threads + 1);
        _parts = new Part[threads];
        for (int i = 0; i < threads; i++)
        {
            int thread = i;
            new Thread(() => Loop(thread)) { IsBackground = true, Name = $"Team {threads}.{thread}" }.Start();
        }
    }

    public Outcome Run()
    {
        _start.SignalAndWait();
        _end.SignalAndWait();
        if (_parts.FirstOrDefault(part => part.Error is not null).Error is { } error)
        {
            throw new InvalidOperationException("The work of a thread failed.", error);
        }

        // A thread that ends later than the others is not idle while it is measured.
        return new Outcome(
            _parts.Sum(part => part.Operations),
            _parts.Max(part => part.Elapsed),
            _parts.Sum(part => part.Operations / part.Elapsed.TotalSeconds));
    }

    public void Dispose()
    {
        _isOver = true;
        _start.SignalAndWait();
    }

    private void Loop(int thread)
    {
        while (true)
        {
            _start.SignalAndWait();
            if (_isOver)
            {
                return;
            }

            long started = Stopwatch.GetTimestamp();
            try
            {
                long operations = _work(thread);
                _parts[thread] = new Part(operations, Stopwatch.GetElapsedTime(started), null);
            }
            catch (Exception error)
            {
                _parts[thread] = new Part(0, default, error);
            }

            _end.SignalAndWait();
        }
    }

    /// <summary>What all threads together have done.</summary>
    public readonly record struct Outcome(long Operations, TimeSpan Elapsed, double OperationsPerSecond);

    private readonly record struct Part(long Operations, TimeSpan Elapsed, Exception? Error);
}
