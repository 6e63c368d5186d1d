using System.Diagnostics;

namespace BoundedMemory;

/// <summary>The state of one session: what its leases read and change, each time under its lock, which is the bag itself. Value of the store's cache.</summary>
/// <remarks>
/// <para>Law: growth is charged to the cache's entry before it happens, what has left is given back afterwards. A plan comes first, so that what is refused has changed nothing.</para>
/// <para>Locks: the bag's first, then one of the cache's. The cache calls this class under no lock.</para>
/// </remarks>
internal sealed partial class SessionBag(SessionStore store, string id) : IDisposable
{
    /// <summary>The scope of transient entries that were set before the session entered one.</summary>
    private const string NoScope = "";

    private static readonly long EmptyBytes =
        HeapLayout.InstanceBytes(static () => new SessionBag(null!, "")) + SessionTable.BytesOf(SessionTable.LeastCapacity);

    private SessionTable _table = new(SessionTable.LeastCapacity);

    private string? _scope;

    /// <summary>Of <see cref="_scope"/>.</summary>
    private long _scopeBytes;

    /// <summary>What the cache's entry is charged with for it.</summary>
    private long _bytes = EmptyBytes;

    /// <summary>Uses so far: the clock of <see cref="SessionEntry.LastUse"/>.</summary>
    private long _uses;

    /// <summary>Leases held on it.</summary>
    private int _leases;

    /// <summary>Some value was handed out that may grow.</summary>
    private bool _hasLent;

    /// <summary>Why it left the cache, plus one; 0 while it is there.</summary>
    private byte _leftAs;

    /// <summary>Nobody will use it any more.</summary>
    private bool _isClosed;

    public string Id => id;

    /// <summary>The cache had no room for it. Seen by the thread that created it alone.</summary>
    public bool IsRefused { get; set; }

    public int Count => _table.Count;

    public long Bytes => _bytes;

    /// <summary>The scope that is current; null before the first.</summary>
    public string? Scope => _scope;

    public string[] Keys
    {
        get
        {
            string[] keys = new string[_table.Count];
            int next = 0;
            foreach (ref readonly SessionEntry entry in _table.Slots)
            {
                if (entry.Key is not null)
                {
                    keys[next++] = entry.Key;
                }
            }

            return keys;
        }
    }

    private SessionSettings Settings => store.Settings;

    public void BeginLease() => _leases++;

    /// <summary>Finds a value; a use of it.</summary>
    public bool TryGet(string key, out object? value)
    {
        int slot = _table.Find(key, key.GetHashCode());
        value = null;
        if (slot < 0)
        {
            return false;
        }

        ref SessionEntry entry = ref _table[slot];
        value = entry.Value;
        bool lends = Settings.MayGrow(value);
        _hasLent |= lends;
        entry.Use(++_uses, lends);
        return true;
    }

    /// <summary>Finds a value without using it.</summary>
    public bool TryPeek(string key, out object? value)
    {
        int slot = _table.Find(key, key.GetHashCode());
        value = slot < 0 ? null : _table[slot].Value;
        return slot >= 0;
    }

    /// <summary>Stores a value that has been measured.</summary>
    /// <param name="holder">What holds a lease on the session.</param>
    /// <param name="key">Its key.</param>
    /// <param name="value">The value.</param>
    /// <param name="bytes">What it retains.</param>
    /// <param name="place">The scope it leaves with.</param>
    /// <param name="left">What leaves for it.</param>
    /// <param name="isFullOfEntries">If it is refused as there is no room in the session: whether entries are what it has too many of.</param>
    public SessionSetStatus Set(
        object holder, string key, object? value, long bytes, in ScopePlace place, ref SessionDepartures left, out bool isFullOfEntries)
    {
        string? scope = place.IsCurrent ? _scope ?? NoScope : place.Scope;
        bool isOwnScope = scope is null || string.Equals(scope, _scope ?? NoScope);
        var entry = new SessionEntry
        {
            Key = key,
            Value = value,
            Scope = scope is not null && isOwnScope ? _scope ?? NoScope : scope,
            Hash = key.GetHashCode(),
            Units = SessionEntry.UnitsOf(bytes + Settings.BytesOf(key) + (isOwnScope ? 0 : Settings.BytesOf(scope!))),
        };
        entry.Use(++_uses, lends: false);
        int slot = _table.Find(key, entry.Hash);
        SessionEntry former = slot < 0 ? default : _table[slot];
        SessionSetStatus status = Put(holder, slot, entry, ref left, out isFullOfEntries);
        if (status == SessionSetStatus.Stored)
        {
            store.Counters.Store();
            if (slot >= 0)
            {
                store.Counters.Leave(SessionRemovalCause.Replaced, 1);
                left.Add(Settings, former, SessionRemovalCause.Replaced, keepsValue: ReferenceEquals(former.Value, value));
            }
        }

        return status;
    }

    /// <summary>Charges an entry with what its value has been measured to retain now; it leaves if that is not possible, unless others can still be asked for room.</summary>
    /// <returns>Whether it stayed, or why not; null if the key is not there any more.</returns>
    public SessionSetStatus? Recharge(
        object holder, string key, object? value, SessionSetStatus measured, long bytes, bool canAsk, ref SessionDepartures left, out bool isFullOfEntries)
    {
        isFullOfEntries = false;
        int slot = _table.Find(key, key.GetHashCode());
        if (slot < 0)
        {
            return null;
        }

        SessionEntry entry = _table[slot];
        if (!ReferenceEquals(entry.Value, value))
        {
            return SessionSetStatus.Stored;
        }

        if (measured == SessionSetStatus.Stored)
        {
            bool isOwnScope = entry.Scope is null || string.Equals(entry.Scope, _scope ?? NoScope);
            entry.Units = SessionEntry.UnitsOf(bytes + Settings.BytesOf(entry.Key!) + (isOwnScope ? 0 : Settings.BytesOf(entry.Scope!)));
            measured = Put(holder, slot, entry, ref left, out isFullOfEntries);
        }

        if (measured != SessionSetStatus.Stored && !(canAsk && left.Refused > 0))
        {
            RemoveAt(holder, slot, SessionRemovalCause.Evicted, ref left);
        }

        return measured;
    }

    public bool Remove(object holder, string key, ref SessionDepartures left)
    {
        int slot = _table.Find(key, key.GetHashCode());
        if (slot < 0)
        {
            return false;
        }

        RemoveAt(holder, slot, SessionRemovalCause.Removed, ref left);
        return true;
    }

    /// <summary>Puts an entry into a slot, or into a free one, if room can be made for it.</summary>
    private SessionSetStatus Put(object holder, int slot, in SessionEntry entry, ref SessionDepartures left, out bool isFullOfEntries)
    {
        if (!TryPlan(slot, entry, out int capacity, out long difference, out ReadOnlySpan<SessionEntry> victims, out isFullOfEntries))
        {
            return SessionSetStatus.Full;
        }

        // A longer table is charged beside the old one while it is filled.
        int formerCapacity = _table.Capacity;
        long former = capacity == formerCapacity ? 0 : SessionTable.BytesOf(formerCapacity);
        long ahead = difference + (former == 0 ? 0 : SessionTable.BytesOf(capacity));
        if (ahead > 0 && !store.TryCharge(holder, ahead, ref left.Sessions))
        {
            left.Refused = ahead;
            return SessionSetStatus.OverBudget;
        }

        _bytes += ahead;
        foreach (ref readonly SessionEntry victim in victims)
        {
            left.Add(Settings, victim, SessionRemovalCause.Evicted);
            _table.RemoveAt(_table.Find(victim.Key!, victim.Hash));
        }

        store.Counters.Leave(SessionRemovalCause.Evicted, victims.Length);
        if (former > 0)
        {
            _table.MoveTo(capacity);
        }

        slot = _table.Find(entry.Key!, entry.Hash);
        if (slot < 0)
        {
            _table.Add(entry);
        }
        else
        {
            _table[slot] = entry;
        }

        _bytes -= former;
        GiveBack(holder, former + Math.Max(0, -ahead), ref left);
        return SessionSetStatus.Stored;
    }

    /// <summary>Finds out what an entry is going to change, and who has to leave for it; false if even that would not do.</summary>
    private bool TryPlan(
        int slot, in SessionEntry entry, out int capacity, out long difference, out ReadOnlySpan<SessionEntry> victims, out bool isFullOfEntries)
    {
        int count = _table.Count + (slot < 0 ? 1 : 0);
        isFullOfEntries = count > Settings.MaxEntries;
        difference = entry.Bytes - (slot < 0 ? 0 : _table[slot].Bytes);
        victims = default;
        if (Fits(count, difference, out capacity))
        {
            return true;
        }

        if (!Settings.EvictsTransient)
        {
            return false;
        }

        var transient = new List<SessionEntry>();
        for (int i = 0; i < _table.Capacity; i++)
        {
            if (_table[i].Scope is not null && i != slot)
            {
                transient.Add(_table[i]);
            }
        }

        transient.Sort(static (x, y) => x.LastUse.CompareTo(y.LastUse));
        for (int i = 0; i < transient.Count; i++)
        {
            count--;
            difference -= transient[i].Bytes;
            if (Fits(count, difference, out capacity))
            {
                victims = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(transient)[..(i + 1)];
                return true;
            }
        }

        return false;
    }

    private bool Fits(int count, long difference, out int capacity)
    {
        capacity = Math.Max(_table.Capacity, SessionTable.CapacityFor(count));
        long table = SessionTable.BytesOf(capacity) - SessionTable.BytesOf(_table.Capacity);
        return count <= Settings.MaxEntries && _bytes - _scopeBytes + SessionLimits.MostScopeBytes + difference + table <= Settings.MaxSessionBytes;
    }

    private void RemoveAt(object holder, int slot, SessionRemovalCause cause, ref SessionDepartures left)
    {
        SessionEntry entry = _table[slot];
        store.Counters.Leave(cause, 1);
        left.Add(Settings, entry, cause);
        _table.RemoveAt(slot);
        _bytes -= entry.Bytes;
        GiveBack(holder, entry.Bytes, ref left);
        ShrinkIfSparse(holder, ref left);
    }

    /// <summary>Makes the table shorter where a quarter of it or less is used, if there is room for both meanwhile.</summary>
    private void ShrinkIfSparse(object holder, ref SessionDepartures left)
    {
        int capacity = SessionTable.CapacityFor(2 * _table.Count);
        if (capacity >= _table.Capacity || _table.Count > _table.Capacity / 4)
        {
            return;
        }

        // Nobody is evicted to make a table shorter.
        long bytes = SessionTable.BytesOf(capacity);
        if (store.HasRoomFor(bytes) && store.TryCharge(holder, bytes, ref left.Sessions))
        {
            long former = SessionTable.BytesOf(_table.Capacity);
            _table.MoveTo(capacity);
            _bytes += bytes - former;
            GiveBack(holder, former, ref left);
        }
    }

    private void GiveBack(object holder, long bytes, ref SessionDepartures left)
    {
        if (bytes > 0)
        {
            bool isGivenBack = store.TryCharge(holder, -bytes, ref left.Sessions);
            Debug.Assert(isGivenBack, "A session shrinks while it is leased.");
        }
    }
}

/// <summary>The scope that a value leaves with.</summary>
/// <param name="IsCurrent">The one that is current when the value is stored.</param>
/// <param name="Scope">Else this one; null: it stays.</param>
internal readonly record struct ScopePlace(bool IsCurrent, string? Scope);
