using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace BoundedMemory.Benchmarks;

/// <summary>The same question as <see cref="AdminTokenBenchmarks"/>, asked as one would who wants to guess the token: all kinds of requests by turns, in a new order each time, so that
/// what else the machine does befalls all of them alike.</summary>
internal static class AdminTokenTimes
{
    private const int Rounds = 60_000;
    private const int WarmUp = 10_000;
    private const int CallsATime = 8;

    public static void Run()
    {
        var token = new AdminToken(AdminTokenBenchmarks.Token);
        (string Name, HttpRequest Request)[] kinds = [.. AdminTokenBenchmarks.Kinds, ("the token, again", AdminTokenBenchmarks.Kinds[0].Request)];
        double[][] nanoseconds = [.. kinds.Select(static _ => new double[Rounds])];
        int[] order = [.. Enumerable.Range(0, kinds.Length)];
        for (int round = 0; round < Rounds; round++)
        {
            Random.Shared.Shuffle(order);
            foreach (int kind in order)
            {
                HttpRequest request = kinds[kind].Request;
                long started = Stopwatch.GetTimestamp();
                for (int i = 0; i < CallsATime; i++)
                {
                    token.IsPresentedBy(request, isQueryAllowed: false);
                }

                nanoseconds[kind][round] = (Stopwatch.GetTimestamp() - started) * (1e9 / Stopwatch.Frequency) / CallsATime;
            }
        }

        Console.WriteLine("| presented | 5 % | 25 % | median |\n| --- | --- | --- | --- |");
        for (int kind = 0; kind < kinds.Length; kind++)
        {
            double[] sorted = [.. nanoseconds[kind].Skip(WarmUp).Order()];
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"| {kinds[kind].Name} | {sorted[sorted.Length / 20]:F0} ns | {sorted[sorted.Length / 4]:F0} ns | {sorted[sorted.Length / 2]:F0} ns |"));
        }
    }
}
