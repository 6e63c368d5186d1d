using System.Diagnostics;

namespace BoundedMemory;

/// <summary>Messages in order of sequence, linked both ways. A mutable struct that lives in a field and is never copied.</summary>
internal struct NodeList<TMessage>
{
    private MessageNode<TMessage>? _first;
    private MessageNode<TMessage>? _last;
    private int _count;

    public readonly MessageNode<TMessage>? First => _first;

    public readonly MessageNode<TMessage>? Last => _last;

    public readonly int Count => _count;

    /// <summary>Puts a message where its sequence belongs: almost always at the end.</summary>
    public void Add(MessageNode<TMessage> node)
    {
        Debug.Assert(node.Previous is null && node.Next is null);
        MessageNode<TMessage>? before = _last;
        while (before is not null && before.Sequence > node.Sequence)
        {
            before = before.Previous;
        }

        node.Previous = before;
        node.Next = before is null ? _first : before.Next;
        (before is null ? ref _first : ref before.Next) = node;
        (node.Next is null ? ref _last : ref node.Next.Previous) = node;
        _count++;
    }

    public void Remove(MessageNode<TMessage> node)
    {
        (node.Previous is null ? ref _first : ref node.Previous.Next) = node.Next;
        (node.Next is null ? ref _last : ref node.Next.Previous) = node.Previous;
        node.Previous = null;
        node.Next = null;
        _count--;
    }
}
