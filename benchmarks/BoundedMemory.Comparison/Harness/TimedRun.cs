namespace BoundedMemory.Comparison;

/// <summary>A repetition that is measured by time: some threads do the same work at the same time.</summary>
internal abstract class TimedRun(Plan plan) : IMeasured
{
    /// <summary>By their number of threads. They live as long as this, as the threads of a server do.</summary>
    private readonly Dictionary<int, Team> _teams = [];

    /// <summary>Not measured yet: the work may be shorter, so that there is more of it.</summary>
    protected bool IsWarmUp { get; private set; }

    /// <summary>How long the work takes, where time decides.</summary>
    protected TimeSpan Duration => IsWarmUp ? plan.WarmUpDuration : plan.Duration;

    /// <summary>Runs until the runtime has compiled its best code, for which it needs two pauses of 100 ms each, in which nothing is called for the
    /// first time.</summary>
    public void WarmUp()
    {
        IsWarmUp = true;
        for (int round = 0; round < plan.WarmUpRounds; round++)
        {
            foreach (int threads in plan.Threads)
            {
                BeforeWork();
                TeamOf(threads).Run();
            }
        }

        IsWarmUp = false;
    }

    public Measurement Run(int threads)
    {
        Team team = TeamOf(threads);
        BeforeWork();
        GC.Collect();
        var others = Disturbance.Begin();
        TimeSpan pauses = GC.GetTotalPauseDuration();
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        Team.Outcome outcome = team.Run();
        cpu = Environment.CpuUsage.TotalTime - cpu;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        pauses = GC.GetTotalPauseDuration() - pauses;

        var values = new Dictionary<string, double>
        {
            [Metric.Mops.Name] = outcome.OperationsPerSecond / 1e6,
            [Metric.NanosecondsPerOperation.Name] = threads * 1e9 / outcome.OperationsPerSecond,
            [Metric.CpuPerOperation.Name] = cpu.TotalNanoseconds / outcome.Operations,
            [Metric.BytesPerOperation.Name] = Math.Round(allocated / (double)outcome.Operations, 1),
            [Metric.GcPause.Name] = 100 * pauses.TotalSeconds / outcome.Elapsed.TotalSeconds,
        };
        double disturbance = others.End();
        Add(values, outcome.Operations, threads);
        return new Measurement(values, disturbance);
    }

    public virtual void Dispose()
    {
        foreach (Team team in _teams.Values)
        {
            team.Dispose();
        }
    }

    private Team TeamOf(int threads)
    {
        if (!_teams.TryGetValue(threads, out Team? team))
        {
            _teams[threads] = team = new Team(threads, thread => Work(thread, threads));
        }

        return team;
    }

    /// <summary>The work of one thread; returns the number of operations.</summary>
    protected abstract long Work(int thread, int threads);

    /// <summary>Before the clock starts.</summary>
    protected virtual void BeforeWork()
    {
    }

    /// <summary>Metrics of the workload's own, after the clock has stopped.</summary>
    protected virtual void Add(Dictionary<string, double> values, long operations, int threads)
    {
    }
}
