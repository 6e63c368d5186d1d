using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace BoundedMemory.Comparison;

/// <summary>A subject in a process of its own: no other subject's code shares its profile, no other's garbage its heap.</summary>
/// <remarks>Parent and child talk in lines: the child says that it is ready, the parent names a number of threads, the child answers with the
/// measurement, until its input ends.</remarks>
internal sealed class Worker : IDisposable
{
    public const string Verb = "--worker";

    private const string Ready = "ready";

    private readonly Process _process;
    private readonly string _what;

    private Worker(Process process, string what)
    {
        _process = process;
        _what = what;
    }

    /// <summary>The child's side.</summary>
    public static int Serve(string[] args)
    {
        (string areaName, string workload, string subject) = (args[1], args[2], args[3]);
        var plan = new Plan { IsQuick = bool.Parse(args[4]), Threads = [.. args[5].Split(',').Select(int.Parse)] };
        Area area = Area.All.Single(a => a.Name == areaName);
        using IMeasured measured = area.Prepare(workload, subject, plan);
        Console.WriteLine(Ready);
        while (Console.ReadLine() is { } threads)
        {
            Measurement measurement = measured.Run(int.Parse(threads, CultureInfo.InvariantCulture));
            IEnumerable<string> values = measurement.Values.Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Key}={v.Value:R}"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{measurement.Disturbance:R} {string.Join(' ', values)}"));
        }

        return 0;
    }

    /// <summary>Starts a child and waits until it is ready.</summary>
    public static Worker Start(Area area, Workload workload, string subject, Plan plan)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        }

        string[] arguments = [Verb, area.Name, workload.Name, subject, plan.IsQuick.ToString(), string.Join(',', workload.Threads)];
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var worker = new Worker(Process.Start(start)!, $"{area.Name} {workload.Name} {subject}");
        worker.Expect(line => line == Ready);
        return worker;
    }

    public Measurement Run(int threads)
    {
        _process.StandardInput.WriteLine(threads);
        string[] parts = Expect(line => line.Contains('=', StringComparison.Ordinal)).Split(' ');
        return new Measurement(
            parts.Skip(1).Select(part => part.Split('=')).ToDictionary(pair => pair[0], pair => Number(pair[1])),
            Number(parts[0]));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private string Expect(Predicate<string> isExpected)
    {
        string? line = _process.StandardOutput.ReadLine();
        return line is not null && isExpected(line) ? line : throw new InvalidOperationException($"The process that measures '{_what}' failed.");
    }
}
