namespace BoundedMemory;

/// <summary>Trims and clears primitives: what was asked for, of whom, and what each gave.</summary>
internal sealed class AdminExecution
{
    /// <summary>Times that those who are left are asked for what others did not give.</summary>
    private const int Rounds = 2;

    private readonly List<Asked> _asked = [];

    private AdminExecution(IEnumerable<LivePart> parts)
    {
        foreach (LivePart part in parts)
        {
            if (part.Trimmable is { } target)
            {
                _asked.Add(new Asked(part, target, part.Read()));
            }
        }
    }

    /// <summary>Asks for bytes as a watchdog would: by priority, the largest first; or each for all that may go.</summary>
    /// <param name="parts">Whom; those that may not be trimmed are passed over.</param>
    /// <param name="bytes">Bytes wanted in all; null: all that may go.</param>
    public static AdminExecution Trim(IEnumerable<LivePart> parts, long? bytes)
    {
        var execution = new AdminExecution(parts);
        if (bytes is not { } wanted)
        {
            execution._asked.ForEach(static asked => asked.Trim(long.MaxValue));
            return execution;
        }

        long missing = wanted;
        for (int round = 0; round < Rounds && missing > 0; round++)
        {
            ReclaimCandidate[] candidates = [.. execution._asked.Select(static asked => asked.Describe())];
            foreach (ReclaimStep step in ReclaimPlan.Make(candidates, missing))
            {
                missing -= execution._asked[step.Candidate].Trim(step.Bytes);
            }
        }

        return execution;
    }

    /// <summary>Empties each.</summary>
    public static AdminExecution Clear(IEnumerable<LivePart> parts)
    {
        var execution = new AdminExecution(parts);
        execution._asked.ForEach(static asked => asked.Clear());
        return execution;
    }

    /// <summary>What each gave, without those that were disposed meanwhile; of more than may be listed, those that gave most.</summary>
    public (long GivenBytes, int Count, AdminOutcomePart[] Parts) Result(int maxParts)
    {
        Asked[] present = [.. _asked.Where(static asked => !asked.IsGone).OrderByDescending(static asked => asked.Given)];
        AdminOutcomePart[] parts = [.. present.Take(maxParts).Select(static asked => asked.ToOutcome()).OrderBy(static part => part.Part, StringComparer.Ordinal)];
        return (present.Sum(static asked => asked.Given), present.Length, parts);
    }

    /// <summary>One that was asked. What it throws ends nothing but its own part.</summary>
    private sealed class Asked(LivePart part, ITrimmable target, AdminFigures before)
    {
        private Exception? _error;

        public long Given { get; private set; }

        public bool IsGone => _error is ObjectDisposedException;

        public ReclaimCandidate Describe() => _error is null ? new ReclaimCandidate(target.Priority, target.UsedBytes, target.ReclaimableBytes) : default;

        public long Trim(long bytes)
        {
            long given = Try(() => target.Trim(bytes));
            Given += given;
            return given;
        }

        public void Clear()
        {
            Try(() =>
            {
                target.Clear();
                return 0;
            });
            Given = Math.Max(0, before.Bytes - part.Read().Bytes);
        }

        /// <summary>An exception may say anything: its type is told, not its message.</summary>
        public AdminOutcomePart ToOutcome()
        {
            AdminFigures after = part.Read();
            return new AdminOutcomePart(
                part.Address, part.Scope, Given, before.Items, after.Items, before.Bytes, after.Bytes, _error?.GetType().Name);
        }

        private long Try(Func<long> action)
        {
            try
            {
                return action();
            }
            catch (Exception error)
            {
                _error = error;
                return 0;
            }
        }
    }
}
