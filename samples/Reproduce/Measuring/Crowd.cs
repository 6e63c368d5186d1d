namespace Reproduce;

/// <summary>Users at the same time, each on a thread.</summary>
internal static class Crowd
{
    /// <summary>Runs all of them to their end.</summary>
    /// <exception cref="AggregateException">What any of them threw.</exception>
    public static void Run(int users, Action<int> live)
    {
        var errors = new List<Exception>();
        Thread[] threads = [.. Enumerable.Range(0, users).Select(user => new Thread(() => Live(user)) { IsBackground = true })];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        if (errors.Count > 0)
        {
            throw new AggregateException(errors);
        }

        void Live(int user)
        {
            try
            {
                live(user);
            }
            catch (Exception error)
            {
                lock (errors)
                {
                    errors.Add(error);
                }
            }
        }
    }

    /// <summary>Runs all of them in steps: nobody begins the next before everybody has ended the last, and something happens in between.</summary>
    /// <exception cref="AggregateException">What any of them threw.</exception>
    public static void RunInSteps(int users, int steps, Action<int, int> live, Action between)
    {
        using var barrier = new Barrier(users, _ => between());
        Run(users, user =>
        {
            try
            {
                for (int step = 0; step < steps; step++)
                {
                    live(user, step);
                    barrier.SignalAndWait();
                }
            }
            finally
            {
                barrier.RemoveParticipant();
            }
        });
    }
}
