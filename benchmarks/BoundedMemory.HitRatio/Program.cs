using BoundedMemory.HitRatio;

const string Usage = """
    Replays request traces against the cache and prints what it misses.

      --traces DIR       folder with .ctr.gz files
      --trace NAME       only this trace; may be given several times
      --reference FILE   what known policies miss (CSV); also gives the cache sizes, the self-check and the comparison
      --subject NAME     lru, default, requests or bytes; may be given several times; all four if not given
    """;

string? folder = null;
string? referencePath = null;
var names = new List<string>();
var subjectNames = new List<string>();
for (int i = 0; i < args.Length; i += 2)
{
    string value = i + 1 < args.Length ? args[i + 1] : "";
    switch (args[i])
    {
        case "--traces": folder = value; break;
        case "--reference": referencePath = value; break;
        case "--trace": names.Add(value); break;
        case "--subject": subjectNames.Add(value); break;
        default: return Fail($"Unknown argument '{args[i]}'.");
    }
}

if (folder is null || !Directory.Exists(folder))
{
    return Fail(folder is null ? "--traces is missing." : $"There is no folder '{folder}'.");
}

if (subjectNames.FirstOrDefault(name => Subject.All.All(s => s.Name != name)) is { } unknown)
{
    return Fail($"There is no subject '{unknown}'.");
}

Reference? reference = referencePath is null ? null : Reference.Load(referencePath);
Subject[] subjects = [.. Subject.All.Where(s => subjectNames.Count == 0 || subjectNames.Contains(s.Name))];
string[] files = [.. Directory.GetFiles(folder, "*" + Trace.Extension)
    .Where(file => names.Count == 0 || names.Contains(Path.GetFileName(file)[..^Trace.Extension.Length]))
    .Order(StringComparer.Ordinal)];
if (files.Length == 0)
{
    return Fail($"No trace in '{folder}' matches.");
}

var outcomes = new List<Outcome>();
Console.WriteLine(Outcome.Header);
foreach (string file in files)
{
    var trace = Trace.Load(file);
    long[] sizes = reference is null ? [] : [.. reference.SizesOf(trace.Name)];
    if (sizes.Length == 0)
    {
        sizes = [.. trace.DefaultSizes()];
    }

    foreach (long size in sizes)
    {
        foreach (Subject subject in subjects)
        {
            Outcome outcome = subject.Replay(trace, size);
            outcomes.Add(outcome);
            Console.WriteLine(outcome);
        }
    }
}

if (reference is null)
{
    return 0;
}

Comparison.Print(outcomes, reference, Console.Out);
Console.WriteLine();
return subjects.Any(s => s.Name == "lru") && Comparison.CheckLru(outcomes, reference, Console.Out) > 0 ? 1 : 0;

static int Fail(string message)
{
    Console.Error.WriteLine(message);
    Console.Error.WriteLine(Usage);
    return 2;
}
