using BoundedMemory.Comparison;

if (args is [Worker.Verb, ..])
{
    return Worker.Serve(args);
}

if (args is [QueueCheck.Verb, ..])
{
    return QueueCheck.Run(args);
}

if (args is [LoopRun.Verb, ..])
{
    return LoopRun.Run(args);
}

if (args is [ClosedLoop.Verb, ..])
{
    return ClosedLoop.Run(args);
}

if (!Arguments.TryParse(args, out Arguments? arguments, out string? problem))
{
    Console.Error.WriteLine(problem);
    Console.Error.WriteLine(Arguments.Usage);
    return 2;
}

using Report report = new(arguments);
foreach (Area area in arguments.Areas)
{
    new Interleaving(area, arguments.Plan, report).Run();
}

return 0;
