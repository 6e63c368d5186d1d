using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace BoundedMemory;

/// <summary>One run of a factory that any number of callers wait for.</summary>
/// <remarks>
/// <para>While it is registered with its shard, callers who miss the key join it. It leaves the register in the critical section in which its value
/// is stored, so nobody finds neither of the two; and, so that its value is not stored, when its key is written or removed meanwhile, because the
/// value is older than that, or when nobody is interested any more.</para>
/// <para>Fields are guarded by the shard's lock unless they say otherwise.</para>
/// </remarks>
internal sealed class Load<TKey, TValue> : RunningLoad
    where TKey : notnull
{
    /// <summary>Set by <see cref="CacheShard{TKey, TValue}.Register"/>, and not changed before the load has ended.</summary>
    public TKey Key = default!;

    public int Hash;

    /// <summary>The loads that share a factory call and its cancellation; null if nobody can cancel it.</summary>
    public LoadGroup? Group;

    /// <summary>Next load of the shard.</summary>
    public Load<TKey, TValue>? Next;

    /// <summary>In its shard's list: callers may join, and the value may be stored.</summary>
    public bool IsRegistered;

    /// <summary>Begun by the cache itself, for a value that is still there.</summary>
    public bool IsRefresh;

    /// <summary>Callers who want the value, the one who runs the factory included, who of a refresh is the cache.</summary>
    public int Interested;

    /// <summary>What those wait for who joined; made by the first of them.</summary>
    private TaskCompletionSource<LoadOutcome<TValue>>? _outcome;

    /// <summary>Nobody but the one who began it has ever seen it. Once it has left the register.</summary>
    public bool IsUnshared => _outcome is null && Group is null;

    /// <summary>The outcome for one who joins, as a task that never fails. Under the lock, while registered.</summary>
    public Task<LoadOutcome<TValue>> Join()
    {
        Interested++;
        _outcome ??= new TaskCompletionSource<LoadOutcome<TValue>>(TaskCreationOptions.RunContinuationsAsynchronously);
        return _outcome.Task;
    }

    /// <summary>Tells those who joined. Once it has left the register, so that nobody can join any more, and under no lock.</summary>
    public void Complete(in LoadOutcome<TValue> outcome) => _outcome?.TrySetResult(outcome);
}

/// <summary>What became of a load.</summary>
/// <param name="Value">The value, if it succeeded.</param>
/// <param name="IsStored">Whether the cache has it.</param>
/// <param name="Error">What the factory threw.</param>
/// <param name="IsAbandoned">It gives no value and no error: whoever waits has to load the value on his own.</param>
internal readonly record struct LoadOutcome<TValue>(TValue? Value, bool IsStored, ExceptionDispatchInfo? Error, bool IsAbandoned)
{
    public static LoadOutcome<TValue> Abandoned => new(default, IsStored: false, null, IsAbandoned: true);

    public static LoadOutcome<TValue> Of(TValue value, bool isStored) => new(value, isStored, null, IsAbandoned: false);

    public static LoadOutcome<TValue> Failure(Exception error) =>
        new(default, IsStored: false, ExceptionDispatchInfo.Capture(error), IsAbandoned: false);
}

/// <summary>Cancels a factory call when nobody is interested in any of its loads any more. Thread-safe.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "A source without a timer holds nothing to dispose, and the last caller may cancel after the load has ended.")]
internal sealed class LoadGroup
{
    private readonly CancellationTokenSource _source = new();
    private int _wanted;

    public CancellationToken Token => _source.Token;

    /// <summary>One more load, before the factory is called.</summary>
    public void Add() => _wanted++;

    /// <summary>Nobody is interested in one of the loads any more. Under no lock: cancelling runs the factory's callbacks.</summary>
    public void GiveUpOne()
    {
        if (Interlocked.Decrement(ref _wanted) == 0)
        {
            _source.Cancel();
        }
    }
}

/// <summary>What is known of loads on the threads of synchronous callers, so that factories that wait for each other in a circle are found out.</summary>
/// <remarks>A thread that is about to wait notes for what, in all loads it is running, and then follows the notes from the load it will wait for. With
/// the fence between, the last of those in a circle to look sees the notes of all others.</remarks>
internal abstract class RunningLoad
{
    [ThreadStatic]
    private static Runner? _runnerOfThread;

    /// <summary>The load in whose factory this one was begun, on the same thread.</summary>
    private RunningLoad? _outer;

    /// <summary>The thread that runs it, if a synchronous caller's.</summary>
    private volatile Runner? _runner;

    /// <summary>What that thread waits for.</summary>
    private volatile RunningLoad? _waitsFor;

    /// <summary>This thread is going to run the factory.</summary>
    public void Enter()
    {
        Runner runner = _runnerOfThread ??= new Runner();
        _outer = runner.Innermost;
        _runner = runner;
        runner.Innermost = this;
    }

    public void Exit()
    {
        _runner!.Innermost = _outer;
        _outer = null;
        _runner = null;
    }

    /// <summary>Waits for a load of another thread.</summary>
    /// <exception cref="InvalidOperationException">It would wait for ever, because that load waits for this thread.</exception>
    public T WaitFor<T>(Task<T> outcome)
    {
        Runner? runner = _runnerOfThread;
        if (runner is null)
        {
            return outcome.GetAwaiter().GetResult();
        }

        runner.Note(this);
        try
        {
            Interlocked.MemoryBarrier();
            for (RunningLoad? load = this; load is not null; load = load._waitsFor)
            {
                if (load._runner == runner)
                {
                    throw new InvalidOperationException(
                        "The factory of a cache entry asks for a value whose loading waits for that very entry: it would wait for ever.");
                }
            }

            return outcome.GetAwaiter().GetResult();
        }
        finally
        {
            runner.Note(null);
        }
    }

    /// <summary>A thread that runs, or has run, loads; found in the thread's own storage once a load.</summary>
    private sealed class Runner
    {
        /// <summary>The innermost load that the thread is running.</summary>
        public RunningLoad? Innermost;

        /// <summary>Says in all loads that the thread is running what it waits for.</summary>
        public void Note(RunningLoad? load)
        {
            for (RunningLoad? running = Innermost; running is not null; running = running._outer)
            {
                running._waitsFor = load;
            }
        }
    }
}
