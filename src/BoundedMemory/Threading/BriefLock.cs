using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>A lock for what takes some nanoseconds: one interlocked operation where the framework's locks take two. Not reentrant: who holds it and enters
/// again waits for ever.</summary>
/// <remarks>
/// <para>Entering is a compare-and-swap (acquire), leaving a store (release). Who finds it held spins, then yields, then sleeps: nobody is woken.</para>
/// <para><b>Fairness.</b> A thread that enters again and again would keep others out, because only it has the lock's cache line at hand. Who has to wait says
/// so; who leaves and finds that said pauses for about as long as the other needs to get in.</para>
/// <para>A mutable struct; it lives in a field and is never copied.</para>
/// </remarks>
internal struct BriefLock
{
    /// <summary>Iterations of the pause of who leaves.</summary>
    private const int Pause = 16;

    /// <summary>Attempts after which a waiter sleeps a millisecond at a time: then the holder has been preempted, or does something large.</summary>
    private const int Patience = 200;

    private int _isHeld;

    /// <summary>A hint that somebody waits. Lost updates cost a pause, or one more attempt.</summary>
    private int _isWanted;

    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Scope EnterScope()
    {
        Enter();
        return new Scope(ref this);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Enter()
    {
        if (Interlocked.CompareExchange(ref _isHeld, 1, 0) != 0)
        {
            WaitAndEnter();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Exit()
    {
        Volatile.Write(ref _isHeld, 0);
        if (_isWanted != 0)
        {
            GiveWay();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WaitAndEnter()
    {
        var spin = new SpinWait();
        do
        {
            Volatile.Write(ref _isWanted, 1);
            spin.SpinOnce(Patience);
        }
        while (Volatile.Read(ref _isHeld) != 0 || Interlocked.CompareExchange(ref _isHeld, 1, 0) != 0);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GiveWay()
    {
        Volatile.Write(ref _isWanted, 0);
        Thread.SpinWait(Pause);
    }

    /// <summary>Leaves the lock at its end.</summary>
    public readonly ref struct Scope(ref BriefLock held)
    {
        private readonly ref BriefLock _held = ref held;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose() => _held.Exit();
    }
}
