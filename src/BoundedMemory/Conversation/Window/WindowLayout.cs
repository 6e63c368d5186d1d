using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>What a window is charged with besides its messages. All are multiples of 8.</summary>
/// <remarks>A pure function of what the window holds, not of how it came there: of two windows with the same messages and limits neither has more room than the other.</remarks>
internal static class WindowLayout<TMessage>
{
    /// <summary>Bytes that a call keeps in the list of those that wait for a result: one slot, and two more while the list is made longer.</summary>
    public const long WaitingCallBytes = 24;

    /// <summary>Bytes of a list of calls without its elements, and of an element.</summary>
    private const long CallListBytes = 56;
    private const long CallBytes = 16;

    /// <summary>Bytes of the window, its core, a short list of waiting calls and a snapshot without messages. A test holds it against the heap.</summary>
    public static readonly long EmptyBytes = InstanceBytes<ConversationWindow<TMessage>>(64) + InstanceBytes<WindowCore<TMessage>>(416)
        + InstanceBytes<ConversationSnapshot<TMessage>>(64) + HeapLayout.ArrayBytes<TMessage>(0) + HeapLayout.ArrayBytes<MessageMetadata>(0) + HeapLayout.ArrayBytes<string>(4);

    /// <summary>What comes on top in a window of its own: its copy of the options and its place in the meter.</summary>
    public static readonly long StandaloneBytes = InstanceBytes<ConversationWindowOptions<TMessage>>(256) + 64;

    /// <summary>What comes on top in a window with a budget, but for the path of the child: its owner, the child, its locks, its place among its siblings.</summary>
    public const long BudgetBytes = 456;

    /// <summary>Bytes of a message's place, and of its share in the snapshot that is kept until something changes.</summary>
    public static readonly long PlaceBytes =
        HeapLayout.InstanceBytes(static () => new MessageNode<TMessage>()) + HeapLayout.Align(Unsafe.SizeOf<TMessage>()) + HeapLayout.Align(Unsafe.SizeOf<MessageMetadata>());

    private static Sizer<TMessage>? _sizer;

    /// <summary>The sizer of those who have none of their own: one for all windows of a type.</summary>
    /// <exception cref="NotSupportedException">Messages of this type cannot be measured on this runtime without a sizer.</exception>
    public static Sizer<TMessage> Sizer => _sizer ??= ObjectSizer.For<TMessage>();

    /// <summary>What a message is charged with besides itself.</summary>
    public static long OverheadOf(in MessageDescription description) =>
        PlaceBytes + (description.Kind == MessageKind.Call ? WaitingCallBytes * Math.Max(1, description.ToolCalls?.Count ?? 0) : 0);

    /// <summary>What the list of calls in a message's metadata retains beyond the message that stands there now.</summary>
    /// <param name="calls">The list.</param>
    /// <param name="own">The list of the message as it is now.</param>
    public static long BytesOfCalls(IReadOnlyList<ToolCall>? calls, IReadOnlyList<ToolCall>? own)
    {
        if (calls is null || ReferenceEquals(calls, own))
        {
            return 0;
        }

        long bytes = CallListBytes + (CallBytes * (calls is List<ToolCall> list ? list.Capacity : calls.Count));
        for (int i = 0; i < calls.Count; i++)
        {
            ToolCall call = calls[i];
            ToolCall there = own is not null && i < own.Count ? own[i] : default;
            bytes += BytesOfText(call.Id, there.Id) + BytesOfText(call.Name, there.Name);
        }

        return bytes;
    }

    /// <summary>Bytes of an instance, or, where they cannot be told without making one, more than that.</summary>
    private static long InstanceBytes<TClass>(long most)
        where TClass : class => HeapLayout.IsKnown ? HeapLayout.InstanceBytes<TClass>() : most;

    private static long BytesOfText(string? text, string? there) => text is null || ReferenceEquals(text, there) ? 0 : HeapLayout.StringBytes(text.Length);
}
