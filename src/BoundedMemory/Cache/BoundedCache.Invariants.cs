namespace BoundedMemory;

/// <content>For tests: everything that is counted, counted again.</content>
public sealed partial class BoundedCache<TKey, TValue>
{
    /// <summary>Bytes of entries that have left and are still leased.</summary>
    internal long DetachedBytes { get; private set; }

    /// <summary>Throws if counters and charges are not exactly what the entries add up to. While nothing is being stored or removed.</summary>
    internal void Verify()
    {
        lock (_shape)
        {
            long count = 0;
            long bytes = 0;
            long weight = 0;
            var tiers = new (long Count, long Bytes)[_ledger.Tiers];
            foreach (CacheShard<TKey, TValue> shard in _shards)
            {
                using (shard.Gate.EnterScope())
                {
                    shard.Order.Verify();
                    foreach (EntryList<TKey, TValue> list in shard.Order.Lists)
                    {
                        for (Entry<TKey, TValue>? entry = list.Oldest; entry is not null; entry = entry.Newer)
                        {
                            Require((entry.Hash & (_shards.Length - 1)) == shard.Index, "an entry's shard");
                            Require(ReferenceEquals(_table.FindLocked(entry.Key, entry.Hash), entry), "an entry in the order is not in the table");
                            count++;
                            bytes += entry.Bytes;
                            weight += entry.Weight;
                            tiers[entry.Tier].Count++;
                            tiers[entry.Tier].Bytes += _ledger.CountsBytes ? entry.Bytes : 0;
                        }
                    }
                }
            }

            (long entries, int longest) = _table.Measure();
            CacheStatistics statistics = Statistics;
            long left = statistics.Evicted + statistics.Expired + statistics.Trimmed + statistics.Replaced + statistics.Removed + statistics.Cleared + statistics.Disposed;
            DetachedBytes = _ledger.CountsBytes ? Bytes - OverheadBytes - bytes : 0;
            Require(entries == count, $"{entries} entries in the table, {count} in the orders");
            Require(longest <= EntryTable<TKey, TValue>.MaxChain, $"a chain of {longest}");
            Require(count == Count, $"{Count} entries counted, {count} there");
            Require(statistics.Leases > 0 ? DetachedBytes >= 0 : DetachedBytes == 0, $"{Bytes} bytes counted, {bytes + OverheadBytes} there");
            Require(!_ledger.Weighs || weight == Weight || statistics.Leases > 0, $"a weight of {Weight} counted, {weight} there");
            Require(statistics.Stored == count + left, $"{statistics.Stored} stored, {count} there and {left} left");
            for (int tier = 1; tier < tiers.Length; tier++)
            {
                Require(statistics.Leases > 0 || _ledger.UseOf(tier) == tiers[tier], $"tier {tier}");
            }
        }
    }

    /// <summary>The keys of the chain that a key belongs to, as lookups meet them.</summary>
    internal List<TKey> ChainOf(TKey key)
    {
        var keys = new List<TKey>();
        int hash = _hasher.Hash(key);
        using (EnterShard(hash, out _))
        {
            for (Entry<TKey, TValue>? entry = _table.FirstOfChain(hash); entry is not null; entry = entry.Next)
            {
                keys.Add(entry.Key);
            }
        }

        return keys;
    }

    private static void Require(bool condition, string what)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"The cache's counters are wrong: {what}.");
        }
    }
}
