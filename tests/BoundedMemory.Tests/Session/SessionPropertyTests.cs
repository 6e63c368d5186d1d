using BoundedMemory.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace BoundedMemory.Tests.Session;

/// <summary>Random histories of many users against a store that is nothing but dictionaries.</summary>
public class SessionPropertyTests
{
    private const int Users = 12;
    private const int MostHeld = 3;
    private const int MaxSessions = 8;
    private const int MaxEntries = 7;
    private const long MaxBytes = 40_000;
    private const long MaxSessionBytes = 6000;
    private const long MaxValueBytes = 2000;
    private const int IdleSeconds = 30;

    private static readonly string[] Names = ["watchlist", "page_size", "rows_data", "flows_cache", "temp_x", "old_y", "cache_z", "filter", "strikes", "more_data"];

    private static readonly string[] Scopes = ["one", "two", "three"];

    public enum Act
    {
        Hold,
        Release,
        Set,
        SetInScope,
        Enter,
        Remove,
        Grow,
        ClearTransient,
        Trim,
        Resize,
        RemoveSession,
        Clear,
        Wait,
    }

    private static readonly Gen<(Act Act, int A, int B, int Size)[]> Histories =
        (from act in Gen.Frequency(
            (20, Gen.Constant(Act.Hold)), (14, Gen.Constant(Act.Release)), (40, Gen.Constant(Act.Set)), (5, Gen.Constant(Act.SetInScope)), (8, Gen.Constant(Act.Enter)),
            (6, Gen.Constant(Act.Remove)), (6, Gen.Constant(Act.Grow)), (2, Gen.Constant(Act.ClearTransient)), (1, Gen.Constant(Act.Trim)), (1, Gen.Constant(Act.Resize)),
            (2, Gen.Constant(Act.RemoveSession)), (1, Gen.Constant(Act.Clear)), (4, Gen.Constant(Act.Wait)))
         from a in Gen.Choose(0, 999)
         from b in Gen.Choose(0, 999)
         from size in Gen.Frequency((6, Gen.Choose(0, 300)), (2, Gen.Choose(0, 1900)), (1, Gen.Choose(1900, 3000)))
         select (act, a, b, size)).ArrayOf();

    [Theory]
    [InlineData(SessionFullMode.Refuse)]
    [InlineData(SessionFullMode.EvictTransient)]
    public void RandomHistory_OfManyUsers_IsTheReferenceToTheLastEntry(SessionFullMode mode) =>
        Prop.ForAll(Histories.ToArbitrary(), history =>
        {
            using var world = new World(mode);
            foreach ((Act act, int a, int b, int size) in history)
            {
                world.Do(act, a, b, size);
            }

            world.End();
        }).Check(Stress.Config(endSize: 200));

    /// <summary>A value that knows whose it is.</summary>
    private sealed record Owned(string User, string Key, int Serial)
    {
        public byte[] Bytes { get; set; } = [];
    }

    private sealed record Entry(Owned Value, string? Scope, long LastUse);

    private sealed class ReferenceSession(string user)
    {
        public string User { get; } = user;

        public Dictionary<string, Entry> Entries { get; } = [];

        public string? Scope { get; set; }

        public long LastUse { get; set; }

        public TimeSpan IdleSince { get; set; }

        public int Leases { get; set; }

        public bool IsGone { get; set; }
    }

    private sealed class World : IDisposable
    {
        private readonly ManualTimeProvider _clock = new();
        private readonly SessionFullMode _mode;
        private readonly SessionStore _store;
        private readonly Dictionary<string, ReferenceSession> _sessions = [];
        private readonly List<(SessionLease Lease, ReferenceSession Session)> _held = [];
        private readonly List<RemovedSessionEntry> _left = [];
        private readonly List<EvictedSession> _gone = [];
        private long _stored;
        private long _goneInAll;
        private int _leftBefore;
        private long _uses;
        private long _maxBytes = MaxBytes;
        private TimeSpan _now;

        public World(SessionFullMode mode)
        {
            _mode = mode;
            _store = new SessionStore(new()
            {
                MaxBytes = MaxBytes,
                MaxSessions = MaxSessions,
                MaxSessionBytes = MaxSessionBytes,
                MaxValueBytes = MaxValueBytes,
                MaxEntries = MaxEntries,
                FullMode = mode,
                IdleTimeout = TimeSpan.FromSeconds(IdleSeconds),
                TimeProvider = _clock,
                RefreshOnRelease = false,
                EntryRemoved = _left.Add,
                Evicted = session =>
                {
                    _gone.Add(session);
                    _goneInAll++;
                },
            });
        }

        public void Do(Act act, int a, int b, int size)
        {
            _leftBefore = _left.Count;
            switch (act)
            {
                case Act.Hold:
                    Hold(User(a));
                    break;
                case Act.Trim:
                    _store.Trim(size * 4);
                    SettleGone();
                    break;
                case Act.Resize:
                    long limit = 30_000 + (a * 10);
                    if (_store.TryResize(limit))
                    {
                        _maxBytes = limit;
                    }

                    SettleGone();
                    break;
                case Act.RemoveSession:
                    string user = User(a);
                    Assert.Equal(_sessions.ContainsKey(user), _store.Remove(user));
                    if (_sessions.TryGetValue(user, out ReferenceSession? removed))
                    {
                        Leave(removed, RemovalCause.Removed);
                    }

                    break;
                case Act.Clear when a % 4 == 0:
                    _store.Clear();
                    foreach (ReferenceSession session in _sessions.Values.ToArray())
                    {
                        Leave(session, RemovalCause.Cleared);
                    }

                    break;
                case Act.Wait:
                    _now += TimeSpan.FromSeconds(a % 45);
                    _clock.Advance(TimeSpan.FromSeconds(a % 45));
                    SettleGone();
                    break;
                default:
                    if (_held.Count > 0)
                    {
                        Use(act, _held[a % _held.Count], Names[b % Names.Length], Scopes[b % Scopes.Length], b, size);
                    }

                    break;
            }

            Check();
        }

        /// <summary>What nobody held all the time is what it must be, too.</summary>
        public void End()
        {
            foreach ((SessionLease lease, ReferenceSession session) in _held.ToArray())
            {
                Release(lease, session);
            }

            foreach (ReferenceSession session in _sessions.Values.ToArray())
            {
                Assert.True(_store.TryAcquire(session.User, out SessionLease? lease));
                using (lease)
                {
                    CheckContents(lease, session);
                }
            }

            _store.Dispose();
            Assert.Equal(_stored, _left.Count);
            Assert.Equal(_store.Statistics.SessionsCreated, _goneInAll);
        }

        public void Dispose() => _store.Dispose();

        private static string User(int number) => $"user-{number % Users}";

        private void Hold(string user)
        {
            if (_held.Count == MostHeld)
            {
                return;
            }

            if (_sessions.TryGetValue(user, out ReferenceSession? session) && session.Leases == 0 && _now - session.IdleSince >= TimeSpan.FromSeconds(IdleSeconds))
            {
                session = null;
            }

            // Three leased sessions of at most 6,000 bytes never fill 30,000.
            SessionLease lease = _store.Acquire(user);
            SettleGone();
            if (session is null)
            {
                _sessions.Add(user, session = new ReferenceSession(user));
            }

            session.Leases++;
            session.LastUse = ++_uses;
            _held.Add((lease, session));
            CheckContents(lease, session);
        }

        private void Release(SessionLease lease, ReferenceSession session)
        {
            lease.Dispose();
            _held.Remove((lease, session));
            session.Leases--;
            session.IdleSince = _now;
            if (session.IsGone && session.Leases == 0)
            {
                Assert.Single(_gone, e => e.Id == session.User && e.EntryCount == session.Entries.Count);
                _gone.RemoveAll(e => e.Id == session.User && e.EntryCount == session.Entries.Count);
            }
        }

        private void Use(Act act, (SessionLease Lease, ReferenceSession Session) held, string key, string scope, int b, int size)
        {
            (SessionLease lease, ReferenceSession session) = held;
            switch (act)
            {
                case Act.Release:
                    Release(lease, session);
                    return;
                case Act.Set:
                    Set(lease, session, key, IsTransient(key) ? session.Scope ?? "" : null, value => lease.Set(key, value), size);
                    break;
                case Act.SetInScope:
                    string? place = b % 4 == 0 ? null : new string(scope);
                    Set(lease, session, key, place, value => lease.SetInScope(place, key, value), size);
                    break;
                case Act.Enter:
                    string[] leaving = [.. session.Entries.Where(e => e.Value.Scope is not null && e.Value.Scope != scope).Select(e => e.Key)];
                    bool isSame = session.Scope == scope;
                    Assert.Equal(isSame ? 0 : leaving.Length, lease.EnterScope(new string(scope)));
                    if (!isSame)
                    {
                        session.Scope = scope;
                        Leave(session, leaving, SessionRemovalCause.Scope);
                    }

                    break;
                case Act.Remove:
                    Assert.Equal(session.Entries.ContainsKey(key), lease.Remove(key));
                    Leave(session, session.Entries.ContainsKey(key) ? [key] : [], SessionRemovalCause.Removed);
                    break;
                case Act.ClearTransient:
                    string[] transient = [.. session.Entries.Where(e => e.Value.Scope is not null).Select(e => e.Key)];
                    Assert.Equal(transient.Length, lease.ClearTransient());
                    Leave(session, transient, SessionRemovalCause.Cleared);
                    break;
                case Act.Grow:
                    Grow(lease, session, key, size);
                    break;
            }

            SettleGone();
            CheckContents(lease, session);
        }

        private void Set(SessionLease lease, ReferenceSession session, string key, string? scope, Func<Owned, SessionSetResult> set, int size)
        {
            var value = new Owned(session.User, key, (int)_stored) { Bytes = new byte[size] };
            long bytes = lease.Bytes;
            SessionSetResult result = set(value);
            Assert.Equal(ObjectSizer.Measure(value).Bytes, result.Bytes);
            Assert.Equal(result.Bytes > MaxValueBytes, result.Status == SessionSetStatus.TooLarge);
            if (result.Status == SessionSetStatus.Full)
            {
                // Only where that is true: as many entries as there may be, or not enough bytes for it and a table twice as long.
                long table = SessionTable.BytesOf(32);
                Assert.True(session.Entries.Count == MaxEntries || bytes + result.Bytes + 1000 + table > MaxSessionBytes);
            }

            if (result.IsStored)
            {
                _stored++;
                if (session.Entries.ContainsKey(key))
                {
                    Leave(session, [key], SessionRemovalCause.Replaced);
                }

                SettleEvicted(session, key);
                session.Entries[key] = new Entry(value, scope, ++_uses);
            }
            else
            {
                Assert.Equal(bytes, lease.Bytes);
            }
        }

        private void Grow(SessionLease lease, ReferenceSession session, string key, int size)
        {
            if (!session.Entries.TryGetValue(key, out Entry? entry))
            {
                Assert.Null(lease.RefreshCharge(key));
                return;
            }

            entry.Value.Bytes = new byte[size];
            SessionSetResult result = lease.RefreshCharge(key)!.Value;
            if (result.IsStored)
            {
                SettleEvicted(session, key);
            }
            else
            {
                Leave(session, [key], SessionRemovalCause.Evicted);
            }
        }

        /// <summary>Transient entries that have made room in their session for one: those of the others that were used least recently.</summary>
        private void SettleEvicted(ReferenceSession session, string key)
        {
            string[] evicted = [.. _left.Skip(_leftBefore).Where(e => e.SessionId == session.User && e.Cause == SessionRemovalCause.Evicted).Select(e => e.Key)];
            Assert.True(evicted.Length == 0 || _mode == SessionFullMode.EvictTransient);
            Assert.Equal(
                session.Entries.Where(e => e.Value.Scope is not null).OrderBy(e => e.Value.LastUse).Select(e => e.Key).Where(evicted.Contains),
                evicted);
            foreach (string victim in evicted)
            {
                Assert.All(
                    session.Entries.Where(e => e.Key != key && e.Value.Scope is not null && e.Value.LastUse < session.Entries[victim].LastUse),
                    older => Assert.Contains(older.Key, evicted));
            }

            Assert.DoesNotContain(key, evicted);

            Leave(session, evicted, SessionRemovalCause.Evicted);
        }

        private void Leave(ReferenceSession session, IEnumerable<string> keys, SessionRemovalCause cause)
        {
            foreach (string key in keys)
            {
                Assert.Single(_left.Skip(_leftBefore), e => e.SessionId == session.User && e.Key == key && e.Cause == cause && ReferenceEquals(e.Value, session.Entries[key].Value));
                session.Entries.Remove(key);
            }
        }

        private void Leave(ReferenceSession session, RemovalCause cause)
        {
            _sessions.Remove(session.User);
            session.IsGone = true;
            if (session.Leases == 0)
            {
                EvictedSession told = Assert.Single(_gone, e => e.Id == session.User);
                Assert.Equal((cause, session.Entries.Count), (told.Cause, told.EntryCount));
                _gone.Remove(told);
            }
        }

        /// <summary>Sessions that the store has let go by itself: the least recently used that nobody held, or those that were idle.</summary>
        private void SettleGone()
        {
            foreach (EvictedSession told in _gone.ToArray())
            {
                Assert.True(_sessions.Remove(told.Id, out ReferenceSession? session));
                Assert.Equal((0, session.Entries.Count), (session.Leases, told.EntryCount));
                if (told.Cause == RemovalCause.Expired)
                {
                    Assert.True(_now - session.IdleSince >= TimeSpan.FromSeconds(IdleSeconds));
                }
                else
                {
                    Assert.Contains(told.Cause, new[] { RemovalCause.Evicted, RemovalCause.Trimmed });
                    Assert.DoesNotContain(_sessions.Values, other => other.Leases == 0 && other.LastUse < session.LastUse);
                }

                session.IsGone = true;
                _gone.Remove(told);
            }
        }

        private void Check()
        {
            _store.Verify();
            Assert.InRange(_store.Bytes, 0, _maxBytes);
            Assert.Equal((_sessions.Count, _held.Count), (_store.Count, _store.Statistics.Leases));
            Assert.Empty(_gone);
            Assert.Equal(_stored, _store.Statistics.Stored);
            Assert.All(_left, e => Assert.Equal((e.SessionId, e.Key), e.Value is Owned owned ? (owned.User, owned.Key) : default));
            Assert.Equal(_stored - _left.Count, _store.Statistics.EntryCount);
        }

        private static void CheckContents(SessionLease lease, ReferenceSession session)
        {
            Assert.Equal((session.User, session.Scope), (lease.Id, lease.Scope));
            Assert.Equal(session.Entries.Keys.Order(StringComparer.Ordinal), lease.Keys.Order(StringComparer.Ordinal));
            Assert.InRange(lease.Bytes, 1, MaxSessionBytes);
            foreach ((string key, Entry entry) in session.Entries.OrderBy(e => e.Value.LastUse))
            {
                Assert.True(lease.TryGet<Owned>(key, out Owned? value));
                Assert.Same(entry.Value, value);
                Assert.Equal((session.User, key), (value.User, value.Key));
            }
        }

        private static bool IsTransient(string key) =>
            key.EndsWith("_data", StringComparison.Ordinal) || key.EndsWith("_cache", StringComparison.Ordinal)
            || key.StartsWith("temp_", StringComparison.Ordinal) || key.StartsWith("old_", StringComparison.Ordinal) || key.StartsWith("cache_", StringComparison.Ordinal);
    }
}
