using BenchmarkDotNet.Running;
using BoundedMemory.Benchmarks;

if (args is ["token-times"])
{
    AdminTokenTimes.Run();
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
}
