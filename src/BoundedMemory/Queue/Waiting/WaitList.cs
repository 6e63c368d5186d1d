using System.Diagnostics;

namespace BoundedMemory;

/// <summary>Those who wait for one thing, in the order in which they came. Thread-safe; a wait allocates nothing once a waiter has been made.</summary>
/// <remarks>
/// <para><b>How to wait.</b> <see cref="Enlist()"/>, then look once more whether there is anything to wait for; if not so, <see cref="Withdraw"/>,
/// else await <see cref="Waiter.WaitAsync"/>. A task that ends says only that it is time to look again.</para>
/// <para><b>How to wake.</b> Publish, then wake if <see cref="IsEmpty"/> is false. No wake-up is lost if the second look of who waits, and the look at
/// <see cref="IsEmpty"/> of who publishes, cannot both come first. One of these makes that sure:</para>
/// <list type="bullet">
/// <item>Both look under one lock, under which is also published: whose turn comes second sees what the other did.</item>
/// <item>Who waits leaves a mark, by an interlocked operation, in a word that every publisher changes by compare-and-swap, and looks at that word again.
/// A publisher who comes before is seen by this look, one who comes after sees the mark. Publishers look at nothing else and pay nothing.</item>
/// </list>
/// <para><b>Under a lock</b> nothing but links is changed: whoever is woken is told so after it is released, and continues on another thread.</para>
/// </remarks>
[DebuggerDisplay("{_count} waiting, {_spares} spare")]
internal sealed class WaitList
{
    /// <summary>Waiters kept for later: what is beyond is garbage, so that a crowd that waited once leaves little behind.</summary>
    private const int MostSpares = 8;

    private readonly Lock _gate = new();

    private Waiter? _first;
    private Waiter? _last;

    /// <summary>Number of waiters in the list. Written under the lock.</summary>
    private int _count;

    private Waiter? _spare;
    private int _spares;

    /// <summary>Whether nobody waits. One volatile read; see the remarks on what has to order it.</summary>
    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    /// <summary>Number of those who wait.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Puts a waiter into the list that goes back to it after its wait.</summary>
    public Waiter Enlist()
    {
        lock (_gate)
        {
            Waiter? waiter = _spare;
            if (waiter is null)
            {
                waiter = new Waiter(this, isPooled: true);
            }
            else
            {
                _spare = waiter.Next;
                _spares--;
            }

            Add(waiter);
            return waiter;
        }
    }

    /// <summary>Puts a waiter into the list that its subscriber keeps; its former wait is over.</summary>
    public void Enlist(Waiter waiter)
    {
        lock (_gate)
        {
            Add(waiter);
        }
    }

    /// <summary>Takes back an enlistment that no <see cref="Waiter.WaitAsync"/> followed. It may have been woken: the caller looks again anyway.</summary>
    public void Withdraw(Waiter waiter)
    {
        // Who woke it may not have got to the end of that: its task is over only then.
        if (!TryLeave(waiter))
        {
            waiter.SpinUntilComplete();
        }

        Release(waiter);
    }

    /// <summary>Wakes who waits longest; false if nobody does.</summary>
    public bool WakeOne()
    {
        Waiter? woken;
        lock (_gate)
        {
            woken = _first;
            if (woken is not null)
            {
                Unlink(woken);
            }
        }

        woken?.Complete();
        return woken is not null;
    }

    /// <summary>Wakes who waits longest, and lowers a flag if nobody is left.</summary>
    /// <param name="flags">A word in which those who wait raise the flag after they enlist.</param>
    /// <param name="flag">The flag.</param>
    /// <remarks>The flag is lowered under the lock: who enlists later raises it later, too.</remarks>
    public void WakeOne(ref long flags, long flag)
    {
        Waiter? woken;
        lock (_gate)
        {
            woken = _first;
            if (woken is not null)
            {
                Unlink(woken);
            }

            if (_first is null)
            {
                Interlocked.And(ref flags, ~flag);
            }
        }

        woken?.Complete();
    }

    /// <summary>Wakes everybody.</summary>
    public void WakeAll()
    {
        long flags = 0;
        WakeAll(ref flags, 0);
    }

    /// <summary>Wakes everybody, and lowers a flag, as <see cref="WakeOne(ref long, long)"/> does.</summary>
    public void WakeAll(ref long flags, long flag)
    {
        Waiter? next;
        lock (_gate)
        {
            next = _first;
            for (Waiter? waiter = next; waiter is not null; waiter = waiter.Next)
            {
                waiter.IsEnlisted = false;
            }

            _first = _last = null;
            Volatile.Write(ref _count, 0);
            if (flag != 0)
            {
                Interlocked.And(ref flags, ~flag);
            }
        }

        while (next is not null)
        {
            // Once it is told, it may stand in the list again: its links are read before.
            Waiter woken = next;
            next = woken.Next;
            woken.Next = woken.Previous = null;
            woken.Complete();
        }
    }

    /// <summary>Wakes one that the caller knows; false if it does not wait.</summary>
    public bool TryWake(Waiter waiter)
    {
        bool left = TryLeave(waiter);
        if (left)
        {
            waiter.Complete();
        }

        return left;
    }

    /// <summary>Takes a waiter out of the list; whoever succeeds ends its wait.</summary>
    internal bool TryLeave(Waiter waiter)
    {
        lock (_gate)
        {
            if (!waiter.IsEnlisted)
            {
                return false;
            }

            Unlink(waiter);
            return true;
        }
    }

    /// <summary>A wait is over, and its result taken: the waiter may wait again.</summary>
    internal void Release(Waiter waiter)
    {
        waiter.Reset();
        if (waiter.IsPooled)
        {
            lock (_gate)
            {
                if (_spares < MostSpares)
                {
                    waiter.Next = _spare;
                    _spare = waiter;
                    _spares++;
                }
            }
        }
    }

    private void Add(Waiter waiter)
    {
        Debug.Assert(!waiter.IsEnlisted, "A waiter waits for one thing at a time.");
        waiter.Next = null;
        waiter.Previous = _last;
        if (_last is null)
        {
            _first = waiter;
        }
        else
        {
            _last.Next = waiter;
        }

        _last = waiter;
        waiter.IsEnlisted = true;
        Volatile.Write(ref _count, _count + 1);
    }

    private void Unlink(Waiter waiter)
    {
        if (waiter.Previous is null)
        {
            _first = waiter.Next;
        }
        else
        {
            waiter.Previous.Next = waiter.Next;
        }

        if (waiter.Next is null)
        {
            _last = waiter.Previous;
        }
        else
        {
            waiter.Next.Previous = waiter.Previous;
        }

        waiter.Next = waiter.Previous = null;
        waiter.IsEnlisted = false;
        Volatile.Write(ref _count, _count - 1);
    }
}
