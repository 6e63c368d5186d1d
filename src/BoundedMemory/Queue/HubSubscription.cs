using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>One subscriber's view of a <see cref="BroadcastHub{T}"/>: a cursor into the hub's ring, or a private queue.</summary>
/// <remarks>
/// <para><b>Order and gaps.</b> Messages come in the order of their numbers. Those that left before they were read are reported with the next one that is read
/// (<see cref="HubMessage{T}.Missed"/>), and counted (<see cref="Missed"/>).</para>
/// <para><b>Its end.</b> When it is closed, for whatever <see cref="CloseCause"/>, reads return nothing more, waits end, and enumerations come to their end. A
/// completed hub is read to its last message first. Everything the subscription held is given back at once.</para>
/// <para><b>Idle.</b> It is closed if it neither reads nor waits for <see cref="BroadcastHubOptions{T}.IdleTimeout"/>. Waiting for a message is not idling,
/// polling an empty hub neither. A subscription that is dropped without being disposed ends that way.</para>
/// <para><b>Thread safety.</b> All members are thread-safe, but it has one reader: only one wait may be pending at a time.</para>
/// <para><b>Cost.</b> A read takes the hub's lock for the copy of one message, a batch once for all of it; where there is nothing new, no lock. Nothing is allocated
/// by a read or a wait.</para>
/// </remarks>
/// <typeparam name="T">Type of the messages.</typeparam>
[DebuggerDisplay("{Hub.Name,nq}: {Lag} behind, {Missed} missed, closed: {CloseCause}")]
public sealed partial class HubSubscription<T> : IAsyncEnumerable<HubMessage<T>>, IDisposable, IAsyncDisposable
{
    internal HubSubscription(BroadcastHub<T> hub, HubSubscriptionOptions<T> options, HubRing<T>? ring)
    {
        Hub = hub;
        Filter = options.Filter;
        MaxLag = options.MaxLag ?? long.MaxValue;
        MaxMissed = options.MaxMissed ?? long.MaxValue;
        Private = ring;
    }

    /// <summary>The hub.</summary>
    public BroadcastHub<T> Hub { get; }

    /// <summary>How it began.</summary>
    public HubResume Resume { get; internal set; }

    /// <summary>Why it ended; null while it has not.</summary>
    public HubCloseCause? CloseCause => Volatile.Read(in CauseCode) is var code and not 0 ? (HubCloseCause)(code - 1) : null;

    /// <summary>Messages read.</summary>
    public long Delivered => Hub.Read(ref DeliveredCount);

    /// <summary>Messages that left before they were read, as far as its reader has come.</summary>
    public long Missed => Hub.Read(ref MissedCount);

    /// <summary>Messages that its filter held back.</summary>
    public long Filtered => Hub.Read(ref FilteredCount);

    /// <summary>Messages published that it has neither read nor found missing yet; 0 once it has ended.</summary>
    public long Lag => Hub.LagOf(this);

    /// <summary>Cancelled when the subscription ends: for a consumer that may be stuck where it does not notice, in a write for example. What is registered runs on
    /// the thread that ends it, under no lock.</summary>
    public CancellationToken Closed => Hub.ClosedTokenOf(this);

    /// <summary>Reads the next message, if there is one.</summary>
    /// <param name="message">The message.</param>
    /// <returns>False: there is nothing new, or the subscription has ended.</returns>
    public bool TryRead(out HubMessage<T> message) => Hub.TryRead(this, out message);

    /// <summary>Reads the messages there are, as many as fit.</summary>
    /// <param name="messages">Where to put them.</param>
    /// <returns>How many were read; 0: there is nothing new, or the subscription has ended.</returns>
    public int ReadBatch(Span<HubMessage<T>> messages) => Hub.ReadBatch(this, messages);

    /// <summary>Waits until there is something to read, or the subscription ends.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>True: there is something, of which a filter may hold everything back. False: the subscription has ended.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled; nothing is lost.</exception>
    /// <exception cref="InvalidOperationException">Another wait is pending.</exception>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => WaitAsync(forNudge: false, cancellationToken);

    /// <summary>Reads the next message, as soon as there is one.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HubClosedException">The subscription has ended.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled; nothing is lost.</exception>
    /// <exception cref="InvalidOperationException">Another wait is pending.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<HubMessage<T>> ReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        do
        {
            if (TryRead(out HubMessage<T> message))
            {
                return message;
            }
        }
        while (await WaitToReadAsync(cancellationToken).ConfigureAwait(false));

        throw new HubClosedException(Hub.Name, CloseCause!.Value);
    }

    /// <summary>Reads the messages there are, as many as fit, as soon as there is one.</summary>
    /// <param name="messages">Where to put them; not empty.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many were read; 0: the subscription has ended.</returns>
    /// <exception cref="ArgumentException"><paramref name="messages"/> is empty.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled; nothing is lost.</exception>
    /// <exception cref="InvalidOperationException">Another wait is pending.</exception>
    public ValueTask<int> ReadBatchAsync(Memory<HubMessage<T>> messages, CancellationToken cancellationToken = default) => messages.IsEmpty
        ? throw new ArgumentException("There must be room for at least one message.", nameof(messages))
        : ReadBatchWaitingAsync(messages, cancellationToken);

    /// <summary>Reads messages as they come until the subscription ends. Leaving the enumeration disposes the subscription.</summary>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    public async IAsyncEnumerator<HubMessage<T>> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        try
        {
            do
            {
                while (TryRead(out HubMessage<T> message))
                {
                    yield return message;
                    cancellationToken.ThrowIfCancellationRequested();
                }
            }
            while (await WaitToReadAsync(cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>Ends the subscription, and a wait that is pending. Twice is once.</summary>
    public void Dispose() => Hub.Close(this, HubCloseCause.Unsubscribed);

    /// <summary>As <see cref="Dispose"/>; completes at once.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    internal bool CauseIsOpen => Volatile.Read(in CauseCode) == 0;

    /// <summary>Waits until there may be something to read, or the subscription ends.</summary>
    /// <param name="forNudge">Whether a nudge ends the wait, too.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False: the subscription has ended.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<bool> WaitAsync(bool forNudge, CancellationToken cancellationToken)
    {
        bool hasWaited = false;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Hub.HasNews(this))
            {
                return true;
            }

            Hub.EndIfOver(this);
            if (!CauseIsOpen)
            {
                return false;
            }

            if (hasWaited && forNudge)
            {
                return true;
            }

            ValueTask wait = Hub.BeginWait(this, out bool waits, cancellationToken);
            hasWaited = true;
            if (waits)
            {
                try
                {
                    await wait.ConfigureAwait(false);
                }
                finally
                {
                    Hub.EndWait(this);
                }
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadBatchWaitingAsync(Memory<HubMessage<T>> messages, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        do
        {
            int count = ReadBatch(messages.Span);
            if (count > 0)
            {
                return count;
            }
        }
        while (await WaitToReadAsync(cancellationToken).ConfigureAwait(false));

        return 0;
    }
}
