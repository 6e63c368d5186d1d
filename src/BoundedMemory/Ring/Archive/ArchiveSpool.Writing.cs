namespace BoundedMemory;

/// <content>The writing: one run at a time, on the thread pool.</content>
internal sealed partial class ArchiveSpool<T>
{
    /// <summary>The timer's, and <see cref="Start"/>'s: writes until nothing waits, or the archive fails.</summary>
    async void IThreadPoolWorkItem.Execute()
    {
        while (TryTakeOff(out ReadOnlyMemory<T> batch))
        {
            ArchiveResult result = default;
            Exception? fault = null;
            try
            {
                result = await _archive.WriteAsync(batch, _ended).ConfigureAwait(false);
                if (result.Written < 0 || result.Refused < 0 || result.Written + result.Refused is var sum && (sum < 1 || sum > batch.Length))
                {
                    fault = new InvalidOperationException($"The archive says that of {batch.Length} items it wrote {result.Written} and refused {result.Refused}.");
                    result = default;
                }
            }
            catch (Exception error)
            {
                fault = error;
            }

            Arrive(result, fault);
        }
    }

    /// <summary>Fills the batch, or ends the run where there is nothing to write.</summary>
    private bool TryTakeOff(out ReadOnlyMemory<T> batch)
    {
        lock (_gate)
        {
            if (_isStopped || _isPausing || _count == 0)
            {
                _isRunning = false;
                CompleteWaiters();
                TryShrinkLocked();
                batch = default;
                return false;
            }

            if (_flightCount == 0)
            {
                _flightStart = 0;
            }

            // A batch takes a quarter of the bytes at most, so that there is room for what is added meanwhile.
            while (_waiting.Count > 0 && _flightStart + _flightCount < _maxFlight
                && (_flightCount == 0 || _flightBytes + (8L * _waiting.ChargeOf(0)) <= _bytes.Limit / 4))
            {
                int at = _flightStart + _flightCount++;
                _flight[at] = _waiting.Pop(out uint charge);
                _flightBytes += 8L * charge;
                if (_flightCharges is not null)
                {
                    _flightCharges[at] = charge;
                }
            }

            _isWriting = true;
            batch = _flight.AsMemory(_flightStart, _flightCount);
            return true;
        }
    }

    /// <summary>Takes out of the batch what the archive is done with.</summary>
    private void Arrive(ArchiveResult result, Exception? fault)
    {
        int done = result.Written + result.Refused;
        T[] left;
        lock (_gate)
        {
            _isWriting = false;
            bool isLost = _isStopped;
            _archivedCount += result.Written;
            _refused += result.Refused;
            _fault = fault;
            int leaving = isLost ? _flightCount : done;
            long bytes = 0;
            left = leaving > done || _archived is not null ? new T[leaving] : [];
            for (int i = 0; i < leaving; i++)
            {
                T item = Land(out uint charge);
                bytes += 8L * charge;
                if (i < left.Length)
                {
                    left[i] = item;
                }
            }

            _count -= leaving;
            _itemBytes -= bytes;
            _bytes.Return(bytes + (_isDisposed && _bytes.AreCounted ? FlightArrayBytes : 0));
            if (fault is not null)
            {
                _failures++;
                Pause();
                FailWaiters(fault);
            }

            CompleteWaiters();
        }

        for (int i = 0; i < left.Length; i++)
        {
            (i < done ? _archived : _lose)?.Invoke(left[i]);
        }
    }

    /// <summary>Takes the first item out of the batch.</summary>
    private T Land(out uint charge)
    {
        T item = _flight[_flightStart];
        _flight[_flightStart] = default!;
        charge = _flightCharges is null ? 0 : _flightCharges[_flightStart];
        _flightBytes -= 8L * charge;
        _flightStart++;
        _flightCount--;
        return item;
    }

    private void Pause()
    {
        if (_isStopped)
        {
            return;
        }

        _isPausing = true;
        if (_retry is null)
        {
            // The timer outlives the call that happened to start it, and must not keep that call's context.
            using AsyncFlowControl? _ = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
            _retry = _clock.CreateTimer(static spool => ((ArchiveSpool<T>)spool!).Resume(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        _retry.Change(_retryDelay, Timeout.InfiniteTimeSpan);
    }

    private void Resume()
    {
        lock (_gate)
        {
            _isPausing = false;
            Start();
        }
    }

    /// <summary>Nothing older than what waits is on its way any more; what waits came in last, without a gap.</summary>
    private void CompleteWaiters()
    {
        if (_waiters is not null && _flightCount == 0)
        {
            long arrived = _entered - _waiting.Count;
            foreach ((long entered, TaskCompletionSource done) in _waiters)
            {
                if (entered <= arrived)
                {
                    done.TrySetResult();
                }
            }
        }
    }

    private void FailWaiters(Exception fault)
    {
        foreach ((_, TaskCompletionSource done) in _waiters ?? [])
        {
            done.TrySetException(fault);
        }
    }
}
