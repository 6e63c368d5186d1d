using System.Globalization;

namespace BoundedMemory;

/// <content>How conversations come in.</content>
public sealed partial class ConversationStore<TKey, TMessage>
{
    private readonly ConversationLoader<TKey, TMessage>? _loader;

    /// <summary>One delegate each for all conversations of this store.</summary>
    private readonly Func<TKey, CancellationToken, ValueTask<StoredConversation<TKey, TMessage>>>? _load;
    private readonly Func<TKey, StoredConversation<TKey, TMessage>> _begin;

    private long _rejectedConversations;
    private long _loads;
    private long _loadFailures;

    /// <summary>Acquires a conversation; one that the store does not hold is loaded from the source, or begins empty if there is none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Ends this caller's waiting. A load that others wait for as well goes on.</param>
    /// <returns>The lease; dispose it.</returns>
    /// <remarks>However many ask for a conversation at the same time, it is loaded once. Completes at once if the store holds it or has no source.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="InvalidDataException">What the source returned cannot be. Nothing is stored.</exception>
    /// <exception cref="InvalidOperationException">The key cannot be measured, or the conversation has more than 65,000 leases.</exception>
    /// <exception cref="MemoryBudgetExceededException">Conversations that are leased or unsaved fill the store, or others its budget. Nothing is stored.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    /// <exception cref="OperationCanceledException">This caller's token was cancelled before the conversation was there.</exception>
    public ValueTask<ConversationLease<TMessage>> AcquireAsync(TKey key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ThrowIfDisposed();
        return AcquireOrLoadAsync(key, cancellationToken);
    }

    private async ValueTask<ConversationLease<TMessage>> AcquireOrLoadAsync(TKey key, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Lease<StoredConversation<TKey, TMessage>> held = _load is null
                ? Cache.AcquireOrAdd(key, _begin)
                : await Cache.AcquireOrAddAsync(key, _load, cancellationToken).ConfigureAwait(false);
            if (LeaseOf(held) is { } lease)
            {
                return lease;
            }
        }
    }

    /// <summary>What a lease of the cache is turned into; null if its conversation has not been stored because its key was removed meanwhile.</summary>
    private ConversationLease<TMessage>? LeaseOf(Lease<StoredConversation<TKey, TMessage>> held)
    {
        if (BoundedCache<TKey, StoredConversation<TKey, TMessage>>.IsStored(held))
        {
            return held.Value.Lease(held);
        }

        if (held.Value.Refusal is { } refusal)
        {
            Interlocked.Increment(ref _rejectedConversations);
            throw ErrorOf(refusal);
        }

        ThrowIfDisposed();
        return null;
    }

    private Exception ErrorOf(in RejectedEntry<TKey, StoredConversation<TKey, TMessage>> refusal)
    {
        if (refusal.Reason == SetResult.SizeUnknown)
        {
            return new InvalidOperationException($"The size of a key of the conversation store '{Name}' cannot be measured: {refusal.Detail}.");
        }

        return Count >= (MaxConversations ?? long.MaxValue)
            ? new MemoryBudgetExceededException(string.Create(
                CultureInfo.InvariantCulture,
                $"The conversation store '{Name}' has no room for one more conversation: it holds {MaxConversations}, and those that are leased or unsaved may not leave."))
            : new MemoryBudgetExceededException(refusal.Bytes, Bytes, MaxBytes ?? long.MaxValue, Name);
    }

    private async ValueTask<StoredConversation<TKey, TMessage>> LoadAsync(TKey key, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _loads);
        try
        {
            return await _loader!.LoadAsync(key, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception)
        {
            Interlocked.Increment(ref _loadFailures);
            throw;
        }
    }
}
