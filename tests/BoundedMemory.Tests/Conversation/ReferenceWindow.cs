using System.Collections.Immutable;

namespace BoundedMemory.Tests.Conversation;

/// <summary>What a window is to be, written as plainly as possible: lists that are never changed, everything worked out again at each step.</summary>
internal sealed record ReferenceWindow
{
    private static readonly Sizer<Said> Sizer = ObjectSizer.For<Said>();

    public required ConversationWindowOptions<Said> Options { get; init; }

    /// <summary>In order of sequence.</summary>
    public ImmutableList<Entry> Messages { get; init; } = [];

    public Entry? Summary { get; init; }

    public long SummarizedThrough { get; init; } = -1;

    public long Next { get; init; }

    /// <summary>The group that waits for results; -1: none.</summary>
    public long Open { get; init; } = -1;

    public ConversationWindowStatistics Counts { get; init; }

    /// <summary>What was handed to the callback by the last operation.</summary>
    public ImmutableList<DroppedMessage<Said>> Dropped { get; init; } = [];

    public IEnumerable<Entry> All => Summary is null ? Messages : Messages.Add(Summary);

    public int Count => All.Count();

    public long Tokens => All.Sum(e => (long)e.Tokens);

    public long Bytes => WindowLayout<Said>.EmptyBytes + WindowLayout<Said>.StandaloneBytes + All.Sum(e => e.Charge);

    /// <summary>The group of the newest message that is not the system's.</summary>
    private long Newest => Messages.LastOrDefault(e => !e.IsSystem)?.Group ?? -1;

    private Entry? TurnUser => Messages.LastOrDefault(e => e.IsUser);

    public ConversationWindowStatistics Statistics => Counts with
    {
        Count = Messages.Count,
        MessageBytes = Messages.Sum(e => e.Bytes),
        SummaryBytes = Summary?.Bytes ?? 0,
        Bytes = Bytes,
        Tokens = Options.TokenCounter is null ? null : (int)Tokens,
        MaxMessages = Options.MaxMessages,
        MaxBytes = Options.MaxBytes,
        MaxTokens = Options.MaxTokens,
    };

    /// <summary>The messages of a snapshot, the summary among them.</summary>
    public IReadOnlyList<Entry> Snapshot
    {
        get
        {
            Entry[] shown = [.. Messages];
            if (Options.WithoutContent == WithoutContent.Omit)
            {
                shown = [.. Messages.Where(e => e.IsPinned || e.Group == Newest || Messages.Where(o => o.Group == e.Group && !o.IsPinned).All(o => o.HasContent))];
                bool isCut = shown.Length < Messages.Count;
                if (isCut && Options.StartOn == StartOn.UserMessageIfPossible && shown.FirstOrDefault(e => e.IsUser && !e.IsPinned) is { } user)
                {
                    shown = [.. shown.Where(e => e.IsPinned || e.Sequence >= user.Sequence)];
                }
            }

            int before = shown.TakeWhile(e => e.IsPinned).Count();
            return Summary is null ? shown : [.. shown[..before], Summary, .. shown[before..]];
        }
    }

    public (ReferenceWindow After, AppendResult Result) Append(Said message)
    {
        MessageDescription d = SaidAdapter.Instance.Describe(message);
        bool isSystem = d.Role == MessageRole.System;
        bool isUser = d.Role == MessageRole.User && d.Kind != MessageKind.Result;
        if (d.Kind == MessageKind.Result && !isSystem && !Expects(d))
        {
            return (Refuse(c => c with { RejectedOrphans = c.RejectedOrphans + 1 }), AppendResult.Orphan);
        }

        bool joins = !isSystem && !isUser && Open >= 0;
        bool isPinned = isSystem || d.IsPinned || (joins && Messages.Any(e => e.Group == Open && e.IsPinned));
        Entry entry = Make(message, new MessageMetadata(Next, d, Options.TimeProvider.GetUtcNow())) with { Group = joins ? Open : Next, IsPinned = isPinned };
        entry = entry with { Metadata = entry.Metadata with { ContentBytes = entry.Bytes } };
        long whole = entry.Bytes;

        ReferenceWindow w = this with { Dropped = [] };
        if (isUser && Open >= 0)
        {
            bool mayGo = Options.IncompleteGroup == IncompleteGroup.Drop && !Messages.Any(e => e.Group == Open && e.IsPinned);
            w = (mayGo ? w.Drop(e => e.Group == Open, DropCause.Incomplete) : w) with { Open = -1 };
        }

        if (!isPinned)
        {
            Entry[] full = [.. w.Messages.Where(e => e.HasContent && !e.IsPinned)];
            foreach (Entry e in full.SkipLast(Options.FullContentCount - 1))
            {
                w = w.Empty(e);
            }
        }

        if (!joins && !isSystem)
        {
            w = w.TruncateGroup(Newest);
        }

        entry = Options.TruncateNewestGroup && !isPinned ? Truncate(entry) : entry;

        // From here on with the newcomer among them; its group is what must stay, or that of the newest for the system's.
        long newest = isSystem ? w.Newest : entry.Group;
        w = w with { Messages = w.Messages.Select(e => joins && isPinned && e.Group == entry.Group ? e with { IsPinned = true } : e).Append(entry).ToImmutableList() };
        w = w.MakeRoom(newest);
        ReferenceWindow cut = w.TruncateNewest(newest, entry);
        ReferenceWindow shorter = w.TurnUser is { IsPinned: false } user && user.Group != newest && user.Sequence != entry.Sequence
            ? w.Drop(e => e.Sequence == user.Sequence, DropCause.Evicted)
            : cut;
        w = new[] { w, cut, shorter, shorter.TruncateNewest(newest, entry) }.FirstOrDefault(r => !r.IsOver) ?? w;
        if (w.IsOver)
        {
            ReferenceWindow refused = Refuse(c => c with { RejectedTooLarge = c.RejectedTooLarge + 1 });
            return (joins && !isPinned && Options.OversizeGroup == OversizeGroup.TruncateThenDrop
                ? refused.Drop(e => e.Group == Open, DropCause.Oversize) with { Open = -1 }
                : refused, AppendResult.TooLarge);
        }

        entry = w.Messages[^1];
        w = w with
        {
            Next = Next + 1,
            Counts = w.Counts with
            {
                Appended = w.Counts.Appended + 1,
                AppendedBytes = w.Counts.AppendedBytes + whole,
                Truncated = w.Counts.Truncated + (ReferenceEquals(entry.Message, message) ? 0 : 1),
                TruncatedBytes = w.Counts.TruncatedBytes + whole - entry.Bytes,
            },
        };
        bool waits = !isSystem && !isUser && (joins || d.Kind is MessageKind.Call or MessageKind.Reasoning);
        w = waits ? w with { Open = w.Waits(entry.Group) ? entry.Group : -1 } : w;
        return (w.Sorted(), AppendResult.Appended);
    }

    public (ReferenceWindow After, AppendResult Result) SetSummary(Said summary, long through)
    {
        if (through < SummarizedThrough)
        {
            return (this with { Dropped = [] }, AppendResult.Stale);
        }

        Entry entry = Make(summary, new MessageMetadata(through, SaidAdapter.Instance.Describe(summary), Options.TimeProvider.GetUtcNow())) with { IsPinned = true };
        entry = entry with { Metadata = entry.Metadata with { ContentBytes = entry.Bytes } };
        ReferenceWindow w = (this with { Summary = entry, SummarizedThrough = through, Dropped = [] }).MakeRoom(Newest);
        return w.IsOver ? (Refuse(c => c with { RejectedTooLarge = c.RejectedTooLarge + 1 }), AppendResult.TooLarge) : (w.Sorted(), AppendResult.Appended);
    }

    public (ReferenceWindow After, long Freed) Trim(long bytes)
    {
        ReferenceWindow w = this with { Dropped = [] };
        while (Bytes - w.Bytes < bytes && w.Messages.FirstOrDefault(e => !e.IsPinned && e.Group != Newest && e.Sequence != TurnUser?.Sequence) is { } oldest)
        {
            w = w.Drop(e => e.Group == oldest.Group, DropCause.Trimmed);
        }

        if (Bytes - w.Bytes < bytes && TurnUser is { IsPinned: false } user && user.Group != Newest)
        {
            w = w.Drop(e => e.Sequence == user.Sequence, DropCause.Trimmed);
        }
        else if (w.Messages.Count < Messages.Count)
        {
            w = w.Start(Newest, DropCause.Trimmed);
        }

        return (w.Sorted(), Bytes - w.Bytes);
    }

    public ReferenceWindow Clear() => (this with { Dropped = [], Summary = null, Open = -1 }).Drop(_ => true, DropCause.Cleared).Sorted();

    private bool IsOver => Count > Options.MaxMessages || IsOverInSize;

    private bool IsOverInSize => Bytes > Options.MaxBytes || Tokens > (Options.MaxTokens ?? long.MaxValue);

    private bool IsOverTarget => Options.RetainRatio == 1
        ? IsOver
        : Count > Math.Max(1, Options.RetainRatio * Options.MaxMessages) || Bytes > Options.RetainRatio * Options.MaxBytes
            || Tokens > Options.RetainRatio * (Options.MaxTokens ?? double.PositiveInfinity);

    private ReferenceWindow MakeRoom(long newest)
    {
        ReferenceWindow w = this;
        if (!w.IsOver)
        {
            return w;
        }

        bool HasTurn(Entry e) => TurnUser is { } user && e.Sequence < user.Sequence;
        bool hasLeft = false;
        while (w.IsOverTarget && w.Messages.FirstOrDefault(e => !e.IsPinned) is { } oldest && HasTurn(oldest) && oldest.Group != newest)
        {
            w = w.Drop(e => e.Group == oldest.Group, DropCause.Evicted);
            hasLeft = true;
        }

        w = hasLeft ? w.Start(newest, DropCause.Evicted) : w;
        while (w.IsOver && w.Messages.FirstOrDefault(e => !e.IsPinned && e.Sequence != TurnUser?.Sequence && e.Group != newest) is { } oldest)
        {
            w = w.Drop(e => e.Group == oldest.Group, DropCause.Evicted);
        }

        return w;
    }

    /// <summary>Drops on until the first message that is not pinned is the user's.</summary>
    private ReferenceWindow Start(long newest, DropCause cause)
    {
        ReferenceWindow w = this;
        while (Options.StartOn == StartOn.UserMessageIfPossible && w.Messages.Any(e => e.IsUser && !e.IsPinned)
            && w.Messages.First(e => !e.IsPinned) is { IsUser: false } first && first.Group != newest)
        {
            w = w.Drop(e => e.Group == first.Group, cause);
        }

        return w;
    }

    private ReferenceWindow Drop(Func<Entry, bool> which, DropCause cause)
    {
        Entry[] leaving = [.. Messages.Where(which)];
        long count = leaving.Length;
        return this with
        {
            Messages = Messages.RemoveAll(e => which(e)),
            Dropped = Dropped
                .Select(d => leaving.Any(e => e.Sequence == d.Metadata.Sequence) ? d with { IsContentOnly = false } : d)
                .Concat(leaving.Where(IsTold).Select(e => new DroppedMessage<Said>(e.Metadata, e.Message, cause, false))).ToImmutableList(),
            Counts = Counts with
            {
                DroppedBytes = Counts.DroppedBytes + leaving.Sum(e => e.Bytes),
                Evicted = Counts.Evicted + (cause == DropCause.Evicted ? count : 0),
                Oversize = Counts.Oversize + (cause == DropCause.Oversize ? count : 0),
                Incomplete = Counts.Incomplete + (cause == DropCause.Incomplete ? count : 0),
                Trimmed = Counts.Trimmed + (cause == DropCause.Trimmed ? count : 0),
                Cleared = Counts.Cleared + (cause == DropCause.Cleared ? count : 0),
            },
        };
    }

    private ReferenceWindow Empty(Entry entry)
    {
        MessageMetadata metadata = entry.Metadata with { HasContent = false };
        Entry empty = Make(SaidAdapter.Instance.CreatePlaceholder(metadata), metadata) with { Group = entry.Group };
        return this with
        {
            Messages = Messages.Replace(entry, empty),
            Dropped = IsTold(entry) ? Dropped.Add(new DroppedMessage<Said>(entry.Metadata, entry.Message, DropCause.Evicted, true)) : Dropped,
            Counts = Counts with { Emptied = Counts.Emptied + 1, EmptiedBytes = Counts.EmptiedBytes + entry.Bytes - empty.Bytes },
        };
    }

    /// <summary>If that can help, for a newcomer that is the last of the messages.</summary>
    private ReferenceWindow TruncateNewest(long newest, Entry newcomer)
    {
        if (!IsOverInSize || Options.OversizeGroup != OversizeGroup.TruncateThenDrop)
        {
            return this;
        }

        ReferenceWindow w = newcomer.IsPinned ? this : this with { Messages = Messages.SetItem(Messages.Count - 1, Truncate(Messages[^1])) };
        return w.TruncateGroup(newest, but: newcomer.Sequence);
    }

    private ReferenceWindow TruncateGroup(long group, long but = -1)
    {
        ReferenceWindow w = this;
        foreach (Entry entry in Messages.Where(e => e.Group == group && e.HasContent && !e.IsPinned && e.Sequence != but))
        {
            Entry cut = Truncate(entry);
            w = w with
            {
                Messages = w.Messages.Replace(entry, cut),
                Counts = w.Counts with
                {
                    Truncated = w.Counts.Truncated + (ReferenceEquals(cut.Message, entry.Message) ? 0 : 1),
                    TruncatedBytes = w.Counts.TruncatedBytes + entry.Bytes - cut.Bytes,
                },
            };
        }

        return w;
    }

    private Entry Truncate(Entry entry)
    {
        Said cut = Options.Content is { } content ? SaidAdapter.Instance.Truncate(entry.Message, content) : entry.Message;
        return ReferenceEquals(cut, entry.Message)
            ? entry
            : Make(cut, entry.Metadata with { IsTruncated = true }) with { Group = entry.Group, IsPinned = entry.IsPinned };
    }

    private Entry Make(Said message, MessageMetadata metadata) => new(
        message, metadata, (Sizer.Measure(message).Bytes + 7) & ~7L, Options.TokenCounter is { } counter ? SaidAdapter.Instance.CountTokens(message, counter) : 0);

    private bool IsTold(Entry entry) => entry.HasContent && entry.Sequence > SummarizedThrough;

    private ReferenceWindow Refuse(Func<ConversationWindowStatistics, ConversationWindowStatistics> count) => this with { Counts = count(Counts), Dropped = [] };

    private ReferenceWindow Sorted() => this with { Dropped = Dropped.OrderBy(d => d.Metadata.Sequence).ToImmutableList() };

    /// <summary>Ids of calls of a group that have no result, in order.</summary>
    private List<string?> Waiting(long group)
    {
        var waiting = new List<string?>();
        foreach (Entry entry in Messages.Where(e => e.Group == group))
        {
            if (entry.Metadata.Description.Kind == MessageKind.Call)
            {
                waiting.AddRange(IdsOf(entry.Metadata.Description));
            }
            else if (entry.Metadata.Description.Kind == MessageKind.Result)
            {
                Assert.All(IdsOf(entry.Metadata.Description), id => Assert.True(waiting.Remove(id)));
            }
        }

        return waiting;
    }

    private bool Waits(long group) => Waiting(group).Count > 0 || Messages.Where(e => e.Group == group).All(e => e.Metadata.Description.Kind == MessageKind.Reasoning);

    private bool Expects(MessageDescription result)
    {
        List<string?> waiting = Open < 0 ? [] : Waiting(Open);
        return IdsOf(result).All(waiting.Remove);
    }

    private static IEnumerable<string?> IdsOf(MessageDescription description) =>
        description.ToolCalls is { Count: > 0 } calls ? calls.Select(call => call.Id) : [null];

    internal sealed record Entry(Said Message, MessageMetadata Metadata, long Bytes, int Tokens)
    {
        public long Group { get; init; }

        public bool IsPinned { get; init; }

        public long Sequence => Metadata.Sequence;

        public bool HasContent => Metadata.HasContent;

        public bool IsSystem => Metadata.Description.Role == MessageRole.System;

        public bool IsUser => !IsSystem && Metadata.Description is { Role: MessageRole.User, Kind: not MessageKind.Result };

        public long Charge => Bytes + WindowLayout<Said>.OverheadOf(Metadata.Description);
    }
}
