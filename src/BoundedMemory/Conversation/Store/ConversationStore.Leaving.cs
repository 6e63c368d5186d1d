namespace BoundedMemory;

/// <content>How conversations leave, and what has been counted.</content>
public sealed partial class ConversationStore<TKey, TMessage>
{
    private long _callbackFailures;

    /// <summary>What the store has done and what it holds.</summary>
    public ConversationStoreStatistics Statistics
    {
        get
        {
            CacheStatistics cache = Cache.Statistics;
            (long written, long pending, long failures, Exception? fault) = WriteBehind?.Counts ?? default;
            return new ConversationStoreStatistics
            {
                Hits = cache.Hits,
                Misses = cache.Misses,
                Added = cache.Stored,
                Loads = Volatile.Read(in _loads),
                LoadFailures = Volatile.Read(in _loadFailures),
                RejectedConversations = Volatile.Read(in _rejectedConversations),
                EvictedIdle = cache.Expired,
                EvictedCapacity = cache.Evicted,
                EvictedTrimmed = cache.Trimmed,
                Removed = cache.Removed,
                Cleared = cache.Cleared,
                Disposed = cache.Disposed,
                Count = cache.Count,
                Leases = Totals.Leases,
                Unsaved = Totals.Unsaved,
                MessagesAppended = Totals[Flow.Appended],
                MessagesLoaded = Totals.Loaded,
                MessagesEvicted = Totals[Flow.Evicted],
                MessagesOversize = Totals[Flow.Oversize],
                MessagesIncomplete = Totals[Flow.Incomplete],
                MessagesTrimmed = Totals[Flow.Trimmed],
                MessagesCleared = Totals[Flow.Cleared],
                MessagesLeft = Totals.Left,
                Messages = Totals[Flow.Held],
                MessagesTruncated = Totals[Flow.Truncated],
                MessagesEmptied = Totals[Flow.Emptied],
                RejectedTooLarge = Totals[Flow.TooLarge],
                RejectedOverBudget = Totals[Flow.OverBudget],
                RejectedSizeUnknown = Totals[Flow.SizeUnknown],
                RejectedOrphans = Totals[Flow.Orphans],
                RejectedBacklogged = Totals.Backlogged,
                RejectedClosed = Totals.Closed,
                SinkWritten = written,
                SinkFailures = failures,
                SinkPending = pending,
                SinkFault = fault,
                Lost = Totals.Lost,
                CallbackFailures = Totals[Flow.CallbackFailures] + Volatile.Read(in _callbackFailures),
                Bytes = cache.Bytes,
                OverheadBytes = cache.OverheadBytes,
                MaxBytes = cache.MaxBytes,
                MaxConversations = cache.MaxCount,
            };
        }
    }

    /// <summary>Removes all conversations and gives everything back. What is unsaved is lost, and counted: <see cref="FlushAsync"/> first, or <see cref="DisposeAsync"/>.
    /// Later calls throw; of conversations that are leased, what they held can still be read.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        _meter.Remove(_meterLink);
        WriteBehind?.Stop();
        Cache.Dispose();
    }

    /// <summary>Writes what is unsaved, once, and disposes the store. Does not fail: what the sink does not take is lost, and counted. Waits for the sink as long as it
    /// takes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (WriteBehind is { } writeBehind && !Volatile.Read(ref _disposed))
        {
            try
            {
                await writeBehind.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception)
            {
                // It is in the statistics, like what is lost for it.
            }
        }

        Dispose();
    }

    /// <summary>An entry has left the cache.</summary>
    private void Tell(RemovedEntry<TKey, StoredConversation<TKey, TMessage>> removed)
    {
        (long messages, long unsaved) = removed.Value.Close();
        if (_evicted is null)
        {
            return;
        }

        try
        {
            _evicted(new EvictedConversation<TKey>(removed.Key, CauseOf(removed.Cause), messages, unsaved, removed.Bytes));
        }
        catch (Exception)
        {
            Interlocked.Increment(ref _callbackFailures);
        }
    }

    private static ConversationEvictionCause CauseOf(RemovalCause cause) => cause switch
    {
        RemovalCause.Expired => ConversationEvictionCause.Idle,
        RemovalCause.Trimmed => ConversationEvictionCause.Trimmed,
        RemovalCause.Removed => ConversationEvictionCause.Removed,
        RemovalCause.Cleared => ConversationEvictionCause.Cleared,
        RemovalCause.Disposed => ConversationEvictionCause.Disposed,
        _ => ConversationEvictionCause.Capacity,
    };
}
