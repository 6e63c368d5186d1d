using System.Buffers;

namespace BoundedMemory;

/// <summary>The group that waits for results of its calls, or for what the model says after its reasoning. A mutable struct that lives in a field and is never copied.</summary>
internal struct OpenGroup
{
    private const int LeastCapacity = 4;

    /// <summary>Above this the array is not kept for the next group.</summary>
    private const int MostKept = 4;

    /// <summary>Ids of calls without a result, in order; null while there has been none.</summary>
    private string?[]? _waiting;

    private int _count;

    /// <summary>Sequence of the group's first message.</summary>
    public long Id { get; private set; }

    public bool IsOpen { get; private set; }

    /// <summary>Whether each of these answers has a call of its own that waits for it.</summary>
    public readonly bool Expects(IReadOnlyList<ToolCall>? answers)
    {
        int count = answers?.Count ?? 0;
        if (!IsOpen || count > _count)
        {
            return false;
        }

        if (count <= 1)
        {
            return Find(_waiting.AsSpan(0, _count), count == 0 ? null : answers![0].Id) >= 0;
        }

        string?[] copy = ArrayPool<string?>.Shared.Rent(_count);
        _waiting.AsSpan(0, _count).CopyTo(copy);
        int left = _count;
        bool isExpected = true;
        for (int i = 0; i < count && isExpected; i++)
        {
            isExpected = TryRemove(copy, ref left, answers![i].Id);
        }

        ArrayPool<string?>.Shared.Return(copy, clearArray: true);
        return isExpected;
    }

    /// <summary>Adds a message that opens the group, or belongs to it; closes it if nothing is waited for any more.</summary>
    public void Add(long id, in MessageDescription description)
    {
        IsOpen = true;
        Id = id;
        int calls = description.ToolCalls?.Count ?? 0;
        if (description.Kind == MessageKind.Call)
        {
            Reserve(_count + Math.Max(1, calls));
            for (int i = 0; i < Math.Max(1, calls); i++)
            {
                _waiting![_count++] = calls == 0 ? null : description.ToolCalls![i].Id;
            }
        }
        else if (description.Kind == MessageKind.Result)
        {
            for (int i = 0; i < Math.Max(1, calls); i++)
            {
                TryRemove(_waiting!, ref _count, calls == 0 ? null : description.ToolCalls![i].Id);
            }
        }

        // Reasoning waits for what comes next only where no call does: after results the model is free to say what it likes.
        if (_count == 0 && description.Kind != MessageKind.Reasoning)
        {
            Close();
        }
    }

    public void Close()
    {
        IsOpen = false;
        _waiting.AsSpan(0, _count).Clear();
        _count = 0;
        if (_waiting?.Length > MostKept)
        {
            _waiting = null;
        }
    }

    private void Reserve(int count)
    {
        if (_waiting is null || _waiting.Length < count)
        {
            Array.Resize(ref _waiting, Math.Max(LeastCapacity, Math.Max(count, 2 * _count)));
        }
    }

    private static bool TryRemove(string?[] waiting, ref int count, string? id)
    {
        int at = Find(waiting.AsSpan(0, count), id);
        if (at < 0)
        {
            return false;
        }

        count--;
        Array.Copy(waiting, at + 1, waiting, at, count - at);
        waiting[count] = null;
        return true;
    }

    private static int Find(ReadOnlySpan<string?> waiting, string? id)
    {
        for (int i = 0; i < waiting.Length; i++)
        {
            if (string.Equals(waiting[i], id, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }
}
