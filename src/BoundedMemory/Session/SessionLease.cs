using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace BoundedMemory;

/// <summary>A user's session, held while it is used: it is neither evicted nor does it expire.</summary>
/// <remarks>
/// <para>Hold it for a request, not for longer: what is leased cannot make room for others. Any number of leases may hold one session at the same time; what one sets, the others
/// see. A lease that is never disposed holds its session for ever: see <see cref="SessionStoreStatistics.Leases"/>.</para>
/// <para>All members are thread-safe; each takes the session's lock for a moment. After <see cref="Dispose"/> they throw <see cref="ObjectDisposedException"/>. Keys are compared ordinally.</para>
/// <para>Values are not copied: what is read is the object that was set. Where values are changed in place, see <see cref="SessionStoreOptions.RefreshOnRelease"/>; where the store
/// disposes values, one that was read may be disposed as soon as another request sets its key anew.</para>
/// </remarks>
/// <example>
/// <code>
/// if (session.Set("chain", chain) is { IsStored: false } refused)
/// {
///     Log(refused.Message); // "The value retains 2,400,032 bytes, and session state takes values of up to 65,536 ..."
/// }
/// </code>
/// </example>
[DebuggerDisplay("{Id,nq}")]
public sealed partial class SessionLease : IDisposable
{
    private readonly SessionStore _store;
    private readonly SessionBag _bag;
    private readonly Lease<SessionBag> _lease;

    /// <summary>Set and read under the lock of the bag.</summary>
    private bool _hasEnded;

    internal SessionLease(SessionStore store, Lease<SessionBag> lease)
    {
        _store = store;
        _lease = lease;
        _bag = lease.Value;
        lock (_bag)
        {
            _bag.BeginLease();
        }
    }

    /// <summary>Id of the session.</summary>
    public string Id => _bag.Id;

    /// <summary>Entries in the session.</summary>
    public int Count => Read(static bag => bag.Count);

    /// <summary>Bytes the session retains, without its id; at most <see cref="SessionStoreOptions.MaxSessionBytes"/>.</summary>
    public long Bytes => Read(static bag => bag.Bytes);

    /// <summary>The scope that is current; null before the first was entered.</summary>
    public string? Scope => Read(static bag => bag.Scope);

    /// <summary>The keys, in no particular order: a copy, O(n).</summary>
    public IReadOnlyList<string> Keys => Read(static bag => bag.Keys);

    /// <summary>Stores a value; a value that was there before is replaced. If the key is transient (<see cref="SessionStoreOptions.TransientKeys"/>), it leaves when a scope is
    /// entered other than the one that is current now.</summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="key">The key; 1 to <see cref="SessionStoreOptions.MaxKeyLength"/> characters.</param>
    /// <param name="value">The value; may be null.</param>
    /// <returns>Whether it was stored, or why not; a refused value leaves the former one in place, and stays the caller's.</returns>
    /// <exception cref="ArgumentException"><paramref name="key"/> is null, empty or too long.</exception>
    /// <exception cref="InvalidOperationException">A sizer returned a negative number.</exception>
    /// <exception cref="ObjectDisposedException">The lease, or the store, is disposed.</exception>
    public SessionSetResult Set<T>(string key, T value)
    {
        RequireKey(key);
        return Put(key, value, new ScopePlace(IsCurrent: _store.Settings.IsTransient(key), Scope: null));
    }

    /// <summary>Stores a value for a scope, whatever its key is called: one that is going to be entered, or one that a slow request began in. It leaves when any other is entered.</summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="scope">The scope, 1 to 128 characters; null: none, the value stays though its key be transient by name.</param>
    /// <param name="key">The key; 1 to <see cref="SessionStoreOptions.MaxKeyLength"/> characters.</param>
    /// <param name="value">The value; may be null.</param>
    /// <returns>As <see cref="Set"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="key"/> is null, empty or too long; <paramref name="scope"/> is empty or too long.</exception>
    /// <exception cref="InvalidOperationException">A sizer returned a negative number.</exception>
    /// <exception cref="ObjectDisposedException">The lease, or the store, is disposed.</exception>
    public SessionSetResult SetInScope<T>(string? scope, string key, T value)
    {
        RequireKey(key);
        if (scope is not null)
        {
            SessionLimits.RequireText(scope, SessionLimits.MostScopeLength, nameof(scope));
        }

        return Put(key, value, new ScopePlace(IsCurrent: false, scope));
    }

    /// <summary>Reads a value; a use of it.</summary>
    /// <remarks>Name the type, as in <c>TryGet&lt;List&lt;string&gt;&gt;("watchlist", out var list)</c>: what is inferred from <c>out List&lt;string&gt;? list</c> is a type that may be
    /// null, which a stored value may, too.</remarks>
    /// <typeparam name="T">Type of the value: the type it was stored as, or one that it is.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="value">The value, if there is one.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="InvalidCastException">There is one, but of another type: two parts of the program use one key for different things, which is not hidden as a miss.</exception>
    /// <exception cref="ArgumentException"><paramref name="key"/> is null, empty or too long.</exception>
    /// <exception cref="ObjectDisposedException">The lease is disposed.</exception>
    public bool TryGet<T>(string key, [MaybeNullWhen(false)] out T value)
    {
        RequireKey(key);
        bool isThere;
        object? found;
        lock (_bag)
        {
            ThrowIfEnded();
            isThere = _bag.TryGet(key, out found);
        }

        if (found is T typed)
        {
            value = typed;
            return true;
        }

        value = default;
        return isThere && (found is null && default(T) is null
            ? true
            : throw new InvalidCastException($"The session's value of '{key}' is {(found is null ? "null" : $"a {found.GetType()}")}, not a {typeof(T)}."));
    }

    /// <summary>Whether there is a value; not a use of it.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="ArgumentException"><paramref name="key"/> is null, empty or too long.</exception>
    /// <exception cref="ObjectDisposedException">The lease is disposed.</exception>
    public bool ContainsKey(string key)
    {
        RequireKey(key);
        lock (_bag)
        {
            ThrowIfEnded();
            return _bag.TryPeek(key, out _);
        }
    }

    /// <summary>Removes an entry.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="ArgumentException"><paramref name="key"/> is null, empty or too long.</exception>
    /// <exception cref="ObjectDisposedException">The lease is disposed.</exception>
    public bool Remove(string key)
    {
        RequireKey(key);
        return Change(key, static (SessionBag bag, object holder, string key, ref SessionDepartures left) => bag.Remove(holder, key, ref left) ? 1 : 0) > 0;
    }

    /// <summary>Enters a scope, such as a page: transient entries of all other scopes leave, which are those of the scope before, those that were set before there was one, and those
    /// set for others by <see cref="SetInScope"/>. Everything else stays. Entering the scope that is current does nothing.</summary>
    /// <param name="scope">Its name; 1 to 128 characters, compared ordinally.</param>
    /// <returns>How many entries have left, also counted and told as <see cref="SessionRemovalCause.Scope"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="scope"/> is null, empty or too long.</exception>
    /// <exception cref="MemoryBudgetExceededException">The store has no room for its name, though nobody can be evicted any more; nothing has changed.</exception>
    /// <exception cref="ObjectDisposedException">The lease is disposed.</exception>
    public int EnterScope(string scope)
    {
        SessionLimits.RequireText(scope, SessionLimits.MostScopeLength, nameof(scope));
        int removed = Change(scope, static (SessionBag bag, object holder, string scope, ref SessionDepartures left) => bag.Enter(holder, scope, ref left));
        return removed >= 0 ? removed : throw new MemoryBudgetExceededException(
            $"The session store '{_store.Name}' has no room for the name of a scope: {_store.Bytes} of {_store.MaxBytes?.ToString() ?? "unlimited"} bytes are in use, all of it leased.");
    }

    /// <summary>Removes all transient entries, those of the current scope too.</summary>
    /// <returns>How many have left, also counted and told as <see cref="SessionRemovalCause.Cleared"/>.</returns>
    /// <exception cref="ObjectDisposedException">The lease is disposed.</exception>
    public int ClearTransient() =>
        Change("", static (SessionBag bag, object holder, string _, ref SessionDepartures left) => bag.ClearTransient(holder, ref left));

    /// <summary>Removes all entries; the session, and its scope, stay.</summary>
    /// <returns>How many have left, also counted and told as <see cref="SessionRemovalCause.Cleared"/>.</returns>
    /// <exception cref="ObjectDisposedException">The lease is disposed.</exception>
    public int Clear() => Change("", static (SessionBag bag, object holder, string _, ref SessionDepartures left) => bag.Clear(holder, ref left));
}
