using System.Threading.Tasks.Sources;

namespace BoundedMemory;

/// <summary>One who waits: a place in a <see cref="WaitList"/> and the source of the task that is awaited meanwhile. Used again and again; one wait at a
/// time.</summary>
/// <remarks>
/// <para>A waiter is only told to look again; nothing is handed to it. So nothing can be lost when a wait is cancelled at the moment it ends.</para>
/// <para>Between two waits the registration with the token is disposed, which waits for a cancellation that is running: none can reach a later wait.
/// The token source keeps the nodes of disposed registrations, so a wait with a token that is alive allocates nothing either.</para>
/// </remarks>
internal sealed class Waiter : IValueTaskSource
{
    /// <summary>Continuations go to the pool, or to the context they ask for: never inline on the thread that wakes.</summary>
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };

    private readonly WaitList _list;

    /// <summary>Written before the task is given out, read when its result is taken.</summary>
    private CancellationTokenRegistration _registration;

    /// <param name="list">The only list it will ever wait in.</param>
    /// <param name="isPooled">Whether it goes back to the list when its wait is over, rather than belonging to one subscriber.</param>
    public Waiter(WaitList list, bool isPooled = false)
    {
        _list = list;
        IsPooled = isPooled;
    }

    public bool IsPooled { get; }

    /// <summary>Next in the list, or among the spare ones. Guarded by the list's lock; of those being woken, owned by who wakes them.</summary>
    public Waiter? Next;

    /// <summary>Before it in the list. Guarded by the list's lock.</summary>
    public Waiter? Previous;

    /// <summary>Whether it stands in the list: who changes that, under the list's lock, ends the wait, and nobody else does.</summary>
    public bool IsEnlisted;

    /// <summary>Waits, after the waiter was enlisted, until it is woken.</summary>
    /// <returns>A task that must be awaited once. It is cancelled with the token, unless the waiter was woken before.</returns>
    public ValueTask WaitAsync(CancellationToken cancellation)
    {
        short version = _core.Version;
        if (cancellation.CanBeCanceled)
        {
            // May call back at once. Who wakes may have been here before: then the call back finds nothing to cancel.
            _registration = cancellation.UnsafeRegister(static (waiter, token) => ((Waiter)waiter!).Cancel(token), this);
        }

        return new ValueTask(this, version);
    }

    public void Complete() => _core.SetResult(true);

    /// <summary>Until <see cref="Complete"/>, which whoever took the waiter out of the list is about to call, has been called.</summary>
    public void SpinUntilComplete()
    {
        var spin = new SpinWait();
        while (_core.GetStatus(_core.Version) == ValueTaskSourceStatus.Pending)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>Prepares the next wait.</summary>
    public void Reset() => _core.Reset();

    void IValueTaskSource.GetResult(short token)
    {
        try
        {
            _core.GetResult(token);
        }
        finally
        {
            _registration.Dispose();
            _registration = default;
            _list.Release(this);
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Cancel(CancellationToken cancellation)
    {
        if (_list.TryLeave(this))
        {
            _core.SetException(new OperationCanceledException(cancellation));
        }
    }
}
