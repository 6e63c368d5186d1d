using Reproduce;

const string Usage = """
    Runs the leaks of five real systems twice, unbounded as they were and bounded with this library, each run in a process of its own, and prints
    what the systems' reports say beside what was measured. Exit code 0 only if every bound held.

      --scenario NAME   only scenarios whose name begins so; may be given several times
      --quick           a smaller form, of about a minute in all
      --csv FILE        also writes all numbers to a file
    """;

IScenario[] scenarios =
[
    new OptionChains(),
    new OptionSessions(),
    StudyCache.SmallItems,
    StudyCache.LargeItems,
    StudyCache.Traffic,
    TradingDesk.Transactions,
    TradingDesk.ArchivedTransactions,
    TradingDesk.Signals,
    new DeskLog(),
    new StudyStreams(),
    new StudyConversations(),
    .. ClosedLoop.All,
];

var names = new List<string>();
string? csvPath = null;
Variant? child = null;
bool quick = false;
for (int i = 0; i < args.Length; i++)
{
    string? value = i + 1 < args.Length ? args[i + 1] : null;
    switch (args[i])
    {
        case "--quick": quick = true; break;
        case "--scenario" when value is not null: names.Add(value); i++; break;
        case "--csv" when value is not null: csvPath = value; i++; break;
        case Child.Argument when Enum.TryParse(value, out Variant variant): child = variant; i++; break;
        default: return Fail($"'{args[i]}' is not an argument, or lacks its value.");
    }
}

if (child is { } only)
{
    Child.Run(scenarios.Single(scenario => scenario.Name == names.Single()), only, quick);
    return 0;
}

IScenario[] chosen = [.. scenarios.Where(scenario => names.Count == 0 || names.Any(name => scenario.Name.StartsWith(name, StringComparison.Ordinal)))];
if (chosen.Length == 0)
{
    return Fail($"There is no such scenario; there are {string.Join(", ", scenarios.Select(scenario => scenario.Name))}.");
}

Console.WriteLine($"machine: {Machine.Description}{(quick ? "; quick form, smaller than described" : "")}");
Console.WriteLine("1 MB = 1,048,576 bytes. Live heap: after a full, blocking, compacting collection, less the heap before the cache was there.");
Console.WriteLine();
var csv = new List<string> { Csv.Header };
int failures = 0;
foreach (IScenario scenario in chosen)
{
    var trials = new Dictionary<Variant, Trial>();
    try
    {
        foreach (Variant variant in scenario.Variants)
        {
            trials.Add(variant, await Child.RunAsync(scenario, variant, quick));
        }
    }
    catch (InvalidOperationException error)
    {
        Console.WriteLine($"FAILED  {error.Message}");
        failures++;
        continue;
    }

    Check[] checks = [.. Verdict.Of(scenario, trials)];
    Table.Print(scenario, trials, checks, Console.Out);
    csv.AddRange(Csv.Lines(scenario, trials, quick));
    failures += checks.Count(check => !check.Holds);
}

if (csvPath is not null)
{
    File.WriteAllLines(csvPath, csv);
}

Console.WriteLine(failures == 0 ? "Every bound held." : $"{failures} failed.");
return failures == 0 ? 0 : 1;

static int Fail(string message)
{
    Console.Error.WriteLine(message);
    Console.Error.WriteLine(Usage);
    return 2;
}
