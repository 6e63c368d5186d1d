namespace BoundedMemory.Comparison;

/// <summary>Measures the subjects of an area by turns: in every repetition each once, in another order, so that whatever happens to the machine happens
/// to all of them.</summary>
internal sealed class Interleaving(Area area, Plan plan, Report report)
{
    /// <summary>Part of the machine beyond which other processes are held to have disturbed a repetition.</summary>
    private const double Disturbing = 0.10;

    private int _repeated;
    private int _keptDisturbed;

    public void Run()
    {
        foreach (Workload workload in area.Workloads(plan))
        {
            _repeated = _keptDisturbed = 0;
            var results = new Results(area, workload);
            for (int first = 0; first < plan.Repetitions; first += area.RepetitionsPerProcess)
            {
                int last = Math.Min(plan.Repetitions, first + area.RepetitionsPerProcess);
                Report.Progress($"{area.Name} {workload.Name}: repetition {first + 1} to {last} of {plan.Repetitions}");
                if (area.RunsAlone)
                {
                    RunAlone(workload, first, last, results);
                }
                else
                {
                    RunTogether(workload, first, last, results);
                }
            }

            report.Add(results, _repeated, _keptDisturbed);
        }
    }

    /// <summary>All get ready at the same time, and then run one after the other.</summary>
    private void RunAlone(Workload workload, int first, int last, Results results)
    {
        var workers = new Worker[workload.Subjects.Count];
        try
        {
            Parallel.For(0, workers.Length, AsManyAsProcessors, i => workers[i] = Worker.Start(area, workload, workload.Subjects[i], plan));
            for (int repetition = first; repetition < last; repetition++)
            {
                for (int i = 0; i < workers.Length; i++)
                {
                    int subject = (i + repetition) % workers.Length;
                    foreach (int threads in workload.Threads)
                    {
                        results.Add(workload.Subjects[subject], threads, repetition, Measure(workers[subject], threads));
                    }
                }
            }
        }
        finally
        {
            foreach (Worker? worker in workers)
            {
                worker?.Dispose();
            }
        }
    }

    private void RunTogether(Workload workload, int first, int last, Results results) =>
        Parallel.For(0, workload.Subjects.Count * (last - first), AsManyAsProcessors, i =>
        {
            string subject = workload.Subjects[i % workload.Subjects.Count];
            using var worker = Worker.Start(area, workload, subject, plan);
            foreach (int threads in workload.Threads)
            {
                results.Add(subject, threads, first + (i / workload.Subjects.Count), worker.Run(threads));
            }
        });

    private static ParallelOptions AsManyAsProcessors => new() { MaxDegreeOfParallelism = Environment.ProcessorCount };

    /// <summary>A repetition that was disturbed is repeated once, and the one that was disturbed less counts.</summary>
    private Measurement Measure(Worker worker, int threads)
    {
        Measurement measurement = worker.Run(threads);
        if (measurement.Disturbance > Disturbing && !plan.IsQuick)
        {
            _repeated++;
            Measurement again = worker.Run(threads);
            measurement = again.Disturbance < measurement.Disturbance ? again : measurement;
            _keptDisturbed += measurement.Disturbance > Disturbing ? 1 : 0;
        }

        return measurement;
    }
}
