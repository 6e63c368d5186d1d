using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace BoundedMemory;

/// <summary>A chat client that sends no more of a history than fits into so many messages, bytes and tokens.</summary>
/// <remarks>
/// <para><b>Where in the pipeline.</b> Inside whatever calls functions, next to the model: a loop of calls adds messages to the history and calls the model again
/// for each round, and a bound that is not applied then is none. Outside of it, it sees the history once, before the loop begins.</para>
/// <para><b>A history kept by the provider</b> (<see cref="ChatOptions.ConversationId"/>) is not here to be reduced: what is sent is only what is new, results
/// without their calls among it. Such requests are passed through, and counted.</para>
/// <para>Responses are not changed. Thread-safe as far as the inner client is. Costs time and memory proportional to the history, per request.</para>
/// <para>With a <c>ChatClientBuilder</c>: <c>.UseFunctionInvocation().Use(inner
/// => inner.WithBoundedHistory(new() { MaxMessages = 20 }))</c>; what is added later is further inside.</para>
/// </remarks>
/// <example>
/// <code>
/// using var client = new FunctionCallingClient(model.WithBoundedHistory(new() { MaxMessages = 20 }));
/// ChatResponse response = await client.GetResponseAsync(history);
/// </code>
/// </example>
public sealed class BoundedChatClient : DelegatingChatClient
{
    private readonly ConversationWindowChatReducer _reducer;
    private readonly Lock _gate = new();
    private BoundedChatClientStatistics _statistics;

    /// <summary>Creates a client around another one, which it disposes with itself.</summary>
    /// <param name="innerClient">The client that is called with what is left of a history.</param>
    /// <param name="reducer">Decides what that is.</param>
    /// <exception cref="ArgumentNullException"><paramref name="innerClient"/> or <paramref name="reducer"/> is null.</exception>
    public BoundedChatClient(IChatClient innerClient, ConversationWindowChatReducer reducer)
        : base(innerClient)
    {
        ArgumentNullException.ThrowIfNull(reducer);
        _reducer = reducer;
    }

    /// <summary>What it has done, as of one moment.</summary>
    public BoundedChatClientStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                return _statistics;
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentNullException"><paramref name="messages"/> or one of them is null.</exception>
    /// <exception cref="ChatMessageRefusedException">The newest message, or one of the system or pinned, does not fit. Nothing was sent.</exception>
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await base.GetResponseAsync(Reduce(messages, options, cancellationToken), options, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <exception cref="ArgumentNullException"><paramref name="messages"/> or one of them is null.</exception>
    /// <exception cref="ChatMessageRefusedException">The newest message, or one of the system or pinned, does not fit. Nothing was sent.</exception>
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IEnumerable<ChatMessage> reduced = Reduce(messages, options, cancellationToken);
        await foreach (ChatResponseUpdate update in base.GetStreamingResponseAsync(reduced, options, cancellationToken).ConfigureAwait(false))
        {
            yield return update;
        }
    }

    private IEnumerable<ChatMessage> Reduce(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (options?.ConversationId is not null)
        {
            lock (_gate)
            {
                _statistics = _statistics with { PassedThrough = _statistics.PassedThrough + 1 };
            }

            return messages;
        }

        try
        {
            ConversationSnapshot<ChatMessage> reduced = _reducer.Reduce(messages, out ConversationWindowStatistics statistics, cancellationToken);
            lock (_gate)
            {
                _statistics = Sum(_statistics, statistics, reduced.Count);
            }

            return reduced;
        }
        catch (ChatMessageRefusedException)
        {
            lock (_gate)
            {
                _statistics = _statistics with { Failed = _statistics.Failed + 1 };
            }

            throw;
        }
    }

    private static BoundedChatClientStatistics Sum(in BoundedChatClientStatistics before, in ConversationWindowStatistics request, int sent)
    {
        long refused = request.RejectedTooLarge + request.RejectedOverBudget + request.RejectedSizeUnknown;
        return new()
        {
            Requests = before.Requests + 1,
            PassedThrough = before.PassedThrough,
            Failed = before.Failed,
            Messages = before.Messages + request.Appended + request.RejectedOrphans + refused,
            Sent = before.Sent + sent,
            Omitted = before.Omitted + request.Count - sent,
            Evicted = before.Evicted + request.Evicted,
            Oversize = before.Oversize + request.Oversize,
            Incomplete = before.Incomplete + request.Incomplete,
            Orphans = before.Orphans + request.RejectedOrphans,
            Refused = before.Refused + refused,
            Truncated = before.Truncated + request.Truncated,
            Emptied = before.Emptied + request.Emptied,
            MessageBytes = before.MessageBytes + request.AppendedBytes,
            SentBytes = before.SentBytes + request.MessageBytes,
        };
    }
}
