using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <content>When an entry's time is over.</content>
public sealed partial class BoundedCache<TKey, TValue> : ISweepable
{
    /// <summary>In how many sweeps every entry is looked at that is not in order of deadline.</summary>
    private const int SweepsPerPass = 16;

    /// <summary>Entries looked at in one hold of a lock.</summary>
    private const int StepsPerLock = 1024;

    /// <summary>This cache's place with the sweeper of its clock; null until an entry can expire.</summary>
    private WeakReference<ISweepable>? _sweepLink;

    /// <summary>Removes what has expired; called about every second by the sweeper of the cache's clock.</summary>
    void ISweepable.Sweep()
    {
        foreach (CacheShard<TKey, TValue> shard in Volatile.Read(ref _shards))
        {
            Sweep(shard);
        }

        SettleShape();
    }

    private void SetDeadlines(ExpiringEntry<TKey, TValue> entry, long? lives, long? idles)
    {
        long now = _clock.Now;
        long last = lives is { } life ? CacheClock.After(now, life) : CacheClock.Never;
        entry.Deadline = idles is { } idle ? Math.Min(last, CacheClock.After(now, idle)) : last;
        if (entry is FullEntry<TKey, TValue> full)
        {
            full.LastDeadline = last;
            full.Idle = idles ?? 0;
            full.RefreshAt = _settings.RefreshAfter is { } after ? CacheClock.After(now, after) : CacheClock.Never;
        }

        if (_sweepLink is null)
        {
            StartSweeping();
        }
    }

    private void StartSweeping()
    {
        lock (_shape)
        {
            if (!_disposed)
            {
                _sweepLink ??= _settings.Sweeper.Add(this);
            }
        }
    }

    private bool HasExpired(Entry<TKey, TValue> entry) =>
        (entry.Traits & EntryTraits.Expires) != 0 && Unsafe.As<ExpiringEntry<TKey, TValue>>(entry).HasExpired(_clock.Now);

    /// <summary>Moves the deadline of a sliding entry that is in use. Without a lock: of two hits at once either may win.</summary>
    private void Slide(ExpiringEntry<TKey, TValue> entry, long now)
    {
        if ((entry.Traits & EntryTraits.Slides) == 0)
        {
            return;
        }

        long deadline = entry is FullEntry<TKey, TValue> full
            ? Math.Min(full.LastDeadline, CacheClock.After(now, full.Idle))
            : CacheClock.After(now, _settings.TimeToIdle!.Value);
        if (deadline != entry.Deadline)
        {
            Volatile.Write(ref entry.Deadline, deadline);
        }
    }

    private void Sweep(CacheShard<TKey, TValue> shard)
    {
        long moment = _clock.Now - _settings.StaleIfError;
        bool isFirst = true;
        bool more = true;
        while (more)
        {
            Departures<TKey, TValue> departures = default;
            using (shard.Gate.EnterScope())
            {
                if (isFirst)
                {
                    shard.Order.BeginSweep(SweepsPerPass);
                    isFirst = false;
                }

                int steps = StepsPerLock;
                int removed = 0;
                while (removed < LeavingPerLock && shard.Order.FindExpired(moment, ref steps) is { } entry)
                {
                    RemoveLocked(shard, entry, RemovalCause.Expired, ref departures);
                    removed++;
                }

                ContinueResize(shard.Index);
                more = removed == LeavingPerLock || steps == 0;
            }

            Complete(ref departures);
        }
    }
}
