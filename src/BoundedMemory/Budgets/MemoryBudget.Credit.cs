namespace BoundedMemory;

/// <content>How credit moves between a budget, its parent and its children.</content>
public sealed partial class MemoryBudget
{
    /// <summary>Reserves, and says which budget on the way to the root had no room.</summary>
    /// <param name="bytes">Bytes.</param>
    /// <param name="mayRecall">Whether unused credit of children may be taken back for it.</param>
    /// <param name="requester">The child that asks and keeps its credit, or null.</param>
    /// <param name="refusedBy">The budget that had no room.</param>
    private bool TryReserve(long bytes, bool mayRecall, MemoryBudget? requester, out MemoryBudget? refusedBy)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(in _disposed), this);
        if (_granted.TryTake(bytes))
        {
            refusedBy = null;
            return true;
        }

        lock (_growth)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return TryGrowAndTake(bytes, mayRecall: false, out refusedBy)
                || (mayRecall && RecallFromChildren(except: requester) && _granted.TryTake(bytes))
                || (mayRecall && TryGrowAndTake(bytes, mayRecall: true, out refusedBy));
        }
    }

    /// <summary>Asks the parent for the credit that is missing, and a quantum more if it has that, and takes it. Under <see cref="_growth"/>.</summary>
    private bool TryGrowAndTake(long bytes, bool mayRecall, out MemoryBudget? refusedBy)
    {
        // Others may spend credit between the steps of this loop; each round lost that way let somebody else's reservation succeed.
        while (!_granted.TryTake(bytes))
        {
            refusedBy = this;
            long missing = bytes - _granted.Credit;
            long room = Parent is null ? 0 : Limit - _granted.Limit;
            if (missing > room)
            {
                return false;
            }

            long generous = Math.Min(room, Quantum > long.MaxValue - missing ? missing : missing + Quantum);
            if (missing > 0 && Parent!.TryReserve(generous, mayRecall: false, requester: this, out refusedBy))
            {
                Grant(generous);
            }
            else if (missing > 0)
            {
                if (!Parent!.TryReserve(missing, mayRecall, requester: this, out refusedBy))
                {
                    return false;
                }

                Grant(missing);
            }
        }

        refusedBy = null;
        return true;
    }

    private void Grant(long bytes)
    {
        lock (_state)
        {
            _granted.Raise(bytes);
        }
    }

    /// <summary>Takes the unused credit of all descendants back, but for the branch of <paramref name="except"/>.</summary>
    private bool RecallFromChildren(MemoryBudget? except)
    {
        long recalled = 0;
        lock (_state)
        {
            foreach (WeakReference<MemoryBudget> link in _children)
            {
                if (link.TryGetTarget(out MemoryBudget? child) && !ReferenceEquals(child, except))
                {
                    child.RecallFromChildren(except: null);
                    lock (child._state)
                    {
                        recalled += child._granted.RetireCredit(keep: 0);
                    }
                }
            }
        }

        _granted.Return(recalled);
        return recalled > 0;
    }

    private void ReturnCredit(long keep)
    {
        long returned;
        lock (_state)
        {
            returned = _granted.RetireCredit(keep);
        }

        if (returned > 0)
        {
            Parent!.Release(returned);
        }
    }

    private void ThrowIfOverReleased(long bytes)
    {
        lock (_state)
        {
            // The credit read before may have been higher than a limit that fell meanwhile. In here no limit moves.
            if (_granted.Credit <= _granted.Limit)
            {
                return;
            }

            _granted.TryTake(bytes);
        }

        throw new InvalidOperationException($"The memory budget '{Path}' was asked to release {bytes} bytes, more than the {Used} that are reserved.");
    }

    private void Adopt(WeakReference<MemoryBudget> child)
    {
        lock (_state)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _children.Add(child);
        }
    }

    private void Forget(WeakReference<MemoryBudget> child)
    {
        lock (_state)
        {
            _children.Remove(child);
            _children.TrimIfSparse();
        }
    }
}
