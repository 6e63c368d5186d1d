using System.Text;
using Microsoft.Extensions.AI;

namespace BoundedMemory.ConversationReplay;

/// <summary>What a policy has sent. A window is what it keeps after a message, a request one after a message of the user or a tool.</summary>
internal sealed class Tally(Policy policy)
{
    public Policy Policy => policy;

    public long Windows { get; private set; }

    /// <summary>Windows of histories of more than <see cref="Policy.Cap"/> messages.</summary>
    public long LongWindows { get; private set; }

    public long Requests { get; private set; }

    /// <summary>Requests of more messages than the policy is to keep.</summary>
    public long Over { get; private set; }

    /// <summary>Messages in the largest request.</summary>
    public long Most { get; private set; }

    public long NewestMissing { get; private set; }

    public long SystemMissing { get; private set; }

    /// <summary>Windows with a result whose call is not there.</summary>
    public long Orphans { get; private set; }

    /// <summary>Windows with a call, other than in the newest message, whose result is not there.</summary>
    public long OpenCalls { get; private set; }

    public long RequestBytes { get; private set; }

    /// <summary>Part of that: texts and results alone.</summary>
    public long TextBytes { get; private set; }

    public long Sessions { get; private set; }

    public long SessionBytes { get; private set; }

    public void Add(ChatMessage[] history, IReadOnlyList<ChatMessage> window)
    {
        Windows++;
        LongWindows += history.Length > Policy.Cap ? 1 : 0;
        (bool hasOrphans, bool hasOpenCalls) = Unpaired(window);
        Orphans += hasOrphans ? 1 : 0;
        OpenCalls += hasOpenCalls ? 1 : 0;
        if (!Conversation.IsRequest(history[^1]))
        {
            return;
        }

        int counted = policy.CountsSystem ? window.Count : window.Count(m => m.Role != ChatRole.System);
        Requests++;
        Most = Math.Max(Most, counted);
        Over += policy.IsBounded && counted > Policy.Cap ? 1 : 0;
        NewestMissing += window.Count == 0 || window[^1].MessageId != history[^1].MessageId ? 1 : 0;
        SystemMissing += history.Any(m => m.Role == ChatRole.System) && !window.Any(m => m.Role == ChatRole.System) ? 1 : 0;
        RequestBytes += Json.Bytes(window);
        TextBytes += window.Where(m => m.Role != ChatRole.System).Sum(m => (long)Encoding.UTF8.GetByteCount(Json.TextOf(m) ?? ""));
    }

    public void AddSession(IReadOnlyList<ChatMessage> window)
    {
        Sessions++;
        SessionBytes += Json.Bytes(window);
    }

    /// <summary>Pairs calls and results in order: an id that was answered may be used again.</summary>
    private static (bool Orphans, bool OpenCalls) Unpaired(IReadOnlyList<ChatMessage> window)
    {
        var open = new List<string>();
        bool hasOrphans = false;
        for (int i = 0; i < window.Count; i++)
        {
            foreach (AIContent content in window[i].Contents)
            {
                if (content is FunctionCallContent call && i < window.Count - 1)
                {
                    open.Add(call.CallId);
                }
                else if (content is FunctionResultContent result)
                {
                    hasOrphans |= !open.Remove(result.CallId);
                }
            }
        }

        return (hasOrphans, open.Count > 0);
    }
}
