// One scenario per first argument. Each prints what it measured on standard output and exits 0 when its own check held, 1 when it did not.
string scenario = args.Length > 0 ? args[0] : "";
switch (scenario)
{
    default:
        Console.Error.WriteLine($"Unknown scenario '{scenario}'.");
        return 2;
}
