using System.Diagnostics.Metrics;

namespace BoundedMemory;

/// <summary>What a <see cref="ConversationWindow{TMessage}"/> is bounded by and how it behaves. Copied when a window is created.</summary>
/// <remarks>The defaults are those with which a study backend of ten users came down from 500 MB to 150: 10 messages, content for the newest 5, 200 characters each.</remarks>
/// <typeparam name="TMessage">Type of the messages.</typeparam>
public sealed class ConversationWindowOptions<TMessage>
{
    /// <summary>Name in metrics (<c>conversation.name</c>), messages and its budget's path.</summary>
    /// <value>Default <c>"conversation"</c>; not empty, no '/'.</value>
    public string Name { get; set; } = "conversation";

    /// <summary>Tells the window what it has to know of messages.</summary>
    /// <value>Default: that of <see cref="ConversationMessage"/> if this is the type of the messages; else it must be set.</value>
    public IMessageAdapter<TMessage> Adapter { get; set; } = (ConversationMessage.Adapter as IMessageAdapter<TMessage>)!;

    /// <summary>Messages the window may hold, those without content, system and pinned messages and the summary included.</summary>
    /// <value>Default 10. 1 to 1,000,000.</value>
    public int MaxMessages { get; set; } = 10;

    /// <summary>Bytes the window may retain on the managed heap: its messages, measured, and everything else it consists of.</summary>
    /// <value>Default 65,536. 4,096 to <see cref="long.MaxValue"/>.</value>
    public long MaxBytes { get; set; } = 64 * 1024;

    /// <summary>Tokens the messages of the window may have; needs a <see cref="TokenCounter"/>.</summary>
    /// <value>Default null: no limit. 1 to <see cref="int.MaxValue"/>.</value>
    public int? MaxTokens { get; set; }

    /// <summary>Counts tokens. Called as the <see cref="Adapter"/> is.</summary>
    /// <value>Default null.</value>
    public TokenCounter? TokenCounter { get; set; }

    /// <summary>How many messages, the newest ones that are not pinned, keep their content; of those before only metadata is kept.</summary>
    /// <value>Default 5. 1 to <see cref="int.MaxValue"/>.</value>
    public int FullContentCount { get; set; } = 5;

    /// <summary>How long a text of a message may be that is neither pinned nor in the newest group.</summary>
    /// <value>Default 200 characters, cut at the end; null: as long as it likes.</value>
    public TextTruncation? Content { get; set; } = new(200);

    /// <summary>Whether <see cref="Content"/> holds for the newest group, too. Otherwise it is truncated only if it would not fit.</summary>
    /// <value>Default false.</value>
    public bool TruncateNewestGroup { get; set; }

    /// <summary>How full the window is after a cap made messages leave: less than 1 drops more at a time and less often, so that the prefix that a model provider has
    /// cached stays the same for longer.</summary>
    /// <value>Default 1. 0.1 to 1.</value>
    public double RetainRatio { get; set; } = 1;

    /// <summary>What the window begins with once messages have been dropped.</summary>
    /// <value>Default <see cref="StartOn.UserMessageIfPossible"/>.</value>
    public StartOn StartOn { get; set; }

    /// <summary>What happens to what does not fit though everything else has left.</summary>
    /// <value>Default <see cref="OversizeGroup.TruncateThenDrop"/>.</value>
    public OversizeGroup OversizeGroup { get; set; }

    /// <summary>What happens to calls that were not all answered when the next turn begins.</summary>
    /// <value>Default <see cref="IncompleteGroup.Drop"/>.</value>
    public IncompleteGroup IncompleteGroup { get; set; }

    /// <summary>What snapshots show of messages without content.</summary>
    /// <value>Default <see cref="WithoutContent.Placeholder"/>.</value>
    public WithoutContent WithoutContent { get; set; }

    /// <summary>Called with messages that have left or have lost their content, oldest first, on the thread that made them, under no lock: each content is handed
    /// over once, so that each message can be summarised once (<see cref="ConversationWindow{TMessage}.SetSummary"/>); messages a summary covers already are not. What
    /// it throws is counted and swallowed.</summary>
    /// <value>Default null.</value>
    public Action<IReadOnlyList<DroppedMessage<TMessage>>>? Dropped { get; set; }

    /// <summary>Measures what a message retains on the heap.</summary>
    /// <value>Default null: <see cref="ObjectSizer"/>.</value>
    public Sizer<TMessage>? MessageSizer { get; set; }

    /// <summary>A budget that the window's bytes are part of, in addition to <see cref="MaxBytes"/>. Not for windows of a <c>ConversationStore</c>, which
    /// has one for all.</summary>
    /// <value>Default null.</value>
    public MemoryBudget? Budget { get; set; }

    /// <summary>The clock.</summary>
    /// <value>Default <see cref="TimeProvider.System"/>.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where the meter comes from.</summary>
    /// <value>Default null: one meter for the process.</value>
    public IMeterFactory? MeterFactory { get; set; }

    /// <summary>A copy that nobody changes any more.</summary>
    internal ConversationWindowOptions<TMessage> Copy() => (ConversationWindowOptions<TMessage>)MemberwiseClone();
}
