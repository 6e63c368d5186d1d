using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace BoundedMemory.Monitor.Tests.EndToEnd;

/// <summary>A program of this repository in a process of its own.</summary>
internal sealed partial class ChildProcess : IDisposable
{
    public const int Interrupt = 2;
    public const int Terminate = 15;

    private readonly Process _process;
    private readonly StringBuilder _lines = new();
    private readonly Task _reading;
    private readonly Task<string> _errors;

    private ChildProcess(params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _reading = Task.Run(ReadAsync);
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    public string Output
    {
        get
        {
            lock (_lines)
            {
                return _lines.ToString();
            }
        }
    }

    public static ChildProcess Monitor(params string[] arguments) => new(Command("memory-monitor.dll", arguments));

    /// <summary>The tool as a terminal starts it: SIGINT interrupts it, even if the tests were started where that is ignored, which a child would inherit.</summary>
    public static ChildProcess MonitorInForeground(params string[] arguments) => MonitorWith("--default-signal=INT", arguments);

    /// <summary>The tool as a script starts it in the background: SIGINT is ignored.</summary>
    public static ChildProcess MonitorInBackground(params string[] arguments) => MonitorWith("--ignore-signal=INT", arguments);

    /// <summary>A process of that shape, once it has it.</summary>
    public static async Task<ChildProcess> ShapedAsync(string shape)
    {
        var process = new ChildProcess(Command("BoundedMemory.TestHost.dll", "memory", shape));
        await process.WaitForAsync(output => output.Contains("ready", StringComparison.Ordinal));
        return process;
    }

    public Task WaitForAsync(Func<string, bool> isThere) => Patience.OnThread(() => Patience.Until(() => isThere(Output) || _process.HasExited)).Soon();

    /// <summary>A process of a shape ends with its input.</summary>
    public async Task EndAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().Soon();
    }

    public void Send(int signal) => Assert.Equal(0, Kill(_process.Id, signal));

    public async Task<(int ExitCode, string Output, string Errors)> EndedAsync()
    {
        await _process.WaitForExitAsync().Soon();
        await _reading.Soon();
        return (_process.ExitCode, Output, await _errors.Soon());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    /// <summary>By the env of GNU, which sets what a signal does and then becomes the tool: one process, whose signals it gets.</summary>
    private static ChildProcess MonitorWith(string signals, string[] arguments) => new(["env", signals, .. Command("memory-monitor.dll", arguments)]);

    private static string[] Command(string assembly, params string[] arguments) => ["dotnet", "exec", Path.Combine(AppContext.BaseDirectory, assembly), .. arguments];

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            lock (_lines)
            {
                _lines.Append(line).Append('\n');
            }
        }
    }
}
