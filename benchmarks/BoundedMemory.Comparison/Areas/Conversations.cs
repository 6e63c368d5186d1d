using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace BoundedMemory.Comparison;

/// <summary>Conversations of which the newest ten messages are kept: appending, looking, a request (both messages of a round, and what is sent), a history of a thousand messages.</summary>
internal sealed class Conversations : Area
{
    public const int Kept = 10;

    private const int HistoryLength = 1000;

    private static readonly Dictionary<string, Func<Plan, IConversationWorkload>> ByName = new()
    {
        ["append"] = plan => new Rounds(plan, appends: 10, snapshots: 1, operations: 10),
        ["snapshot"] = plan => new Rounds(plan, appends: 0, snapshots: 1, operations: 1),
        ["request"] = plan => new Rounds(plan, appends: 2, snapshots: 1, operations: 1),
        ["history-1000"] = plan => new Histories(plan),
    };

    public override string Name => "window";

    public override IReadOnlyList<Metric> Metrics => Metric.Timed;

    public override (string? MemoryCache, string? ConcurrentDictionary) Baselines => (ConversationSubject.TrimmedList, ConversationSubject.WholeList);

    /// <summary>An untrimmed list that is appended to for ever is no subject: it ends with the memory.</summary>
    public override IReadOnlyList<Workload> Workloads(Plan plan) =>
    [
        .. ByName.Keys.Select(name => new Workload(
            name, [.. ConversationSubject.All.Select(s => s.Name).Where(s => name is "snapshot" or "history-1000" || s != ConversationSubject.WholeList)], [1])),
    ];

    public override IMeasured Prepare(string workload, string subject, Plan plan) => ConversationSubject.All.Single(s => s.Name == subject).Prepare(ByName[workload](plan));

    private static ChatMessage[] Messages(int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => new ChatMessage(i % 2 == 0 ? ChatRole.User : ChatRole.Assistant, new string((char)('a' + (i % 26)), 150 + (i * 37 % 200)))),
    ];

    /// <summary>One conversation, as full as it gets.</summary>
    private sealed class Rounds(Plan plan, int appends, int snapshots, int operations) : IConversationWorkload
    {
        public IMeasured Prepare<TConversation>(Func<TConversation> create)
            where TConversation : struct, IConversation
        {
            var run = new Measured<TConversation>(create, plan, appends, snapshots, operations);
            run.WarmUp();
            return run;
        }

        private sealed class Measured<TConversation>(Func<TConversation> create, Plan plan, int appends, int snapshots, int operations) : ConversationRun<TConversation>(create, plan)
            where TConversation : struct, IConversation
        {
            private readonly ChatMessage[] _messages = Messages(256);

            protected override TConversation Begin()
            {
                TConversation conversation = base.Begin();
                for (int i = 0; i < 2 * Kept; i++)
                {
                    conversation.Append(_messages[i]);
                }

                return conversation;
            }

            protected override int Chunk(ref TConversation conversation, ref int next)
            {
                for (int i = 0; i < appends; i++)
                {
                    conversation.Append(_messages[next++ % _messages.Length]);
                }

                for (int i = 0; i < snapshots; i++)
                {
                    if (conversation.Snapshot() < 1)
                    {
                        throw new InvalidOperationException("The snapshot is empty.");
                    }
                }

                return operations;
            }
        }
    }

    /// <summary>A conversation from its beginning, with a request after each message of the user.</summary>
    private sealed class Histories(Plan plan) : IConversationWorkload
    {
        public IMeasured Prepare<TConversation>(Func<TConversation> create)
            where TConversation : struct, IConversation
        {
            var run = new Measured<TConversation>(create, plan);
            run.WarmUp();
            return run;
        }

        private sealed class Measured<TConversation>(Func<TConversation> create, Plan plan) : ConversationRun<TConversation>(create, plan)
            where TConversation : struct, IConversation
        {
            private readonly ChatMessage[] _messages = Messages(HistoryLength);

            protected override int Chunk(ref TConversation conversation, ref int next)
            {
                conversation.Dispose();
                conversation = Begin();
                for (int i = 0; i < _messages.Length; i += 2)
                {
                    conversation.Append(_messages[i]);
                    if (conversation.Snapshot() < 1)
                    {
                        throw new InvalidOperationException("The snapshot is empty.");
                    }

                    conversation.Append(_messages[i + 1]);
                }

                return 1;
            }
        }
    }

    /// <summary>Repeats a chunk of work until time is up, in each thread with a conversation of its own.</summary>
    private abstract class ConversationRun<TConversation>(Func<TConversation> create, Plan plan) : TimedRun(plan)
        where TConversation : struct, IConversation
    {
        protected sealed override long Work(int thread, int threads)
        {
            TConversation conversation = Begin();
            long operations = 0;
            int next = 0;
            long until = Environment.TickCount64 + (long)Duration.TotalMilliseconds;
            while (Environment.TickCount64 < until)
            {
                operations += Repeat(ref conversation, ref next);
            }

            conversation.Dispose();
            return operations;
        }

        protected virtual TConversation Begin() => create();

        [MethodImpl(MethodImplOptions.NoInlining)]
        protected abstract int Chunk(ref TConversation conversation, ref int next);

        /// <summary>Reading the clock costs as much as appending a message.</summary>
        private int Repeat(ref TConversation conversation, ref int next)
        {
            int operations = 0;
            for (int i = 0; i < 16; i++)
            {
                operations += Chunk(ref conversation, ref next);
                next &= 0xFF;
            }

            return operations;
        }
    }
}
