using BoundedMemory.Monitor.CommandLine;
using BoundedMemory.Monitor.Judging;
using BoundedMemory.Monitor.Output;
using BoundedMemory.Monitor.Watching;
using Spectre.Console;

namespace BoundedMemory.Monitor;

/// <summary>A look every so many seconds, for as long as was asked, until it is interrupted, or until nothing is left to watch.</summary>
internal sealed class MonitorRun
{
    private readonly MonitorSettings _settings;
    private readonly Surroundings _surroundings;
    private readonly Watch _watch;
    private readonly DateTimeOffset _startedAt;
    private readonly long _start;
    private CsvLog? _csv;
    private bool _hasFailed;
    private bool _isInterrupted;

    private MonitorRun(MonitorSettings settings, Surroundings surroundings)
    {
        _settings = settings;
        _surroundings = surroundings;
        _watch = new Watch(surroundings.Reader, settings.Targets, surroundings.OwnPid);
        _startedAt = surroundings.Clock.GetUtcNow();
        _start = surroundings.Clock.GetTimestamp();
    }

    /// <summary>Watches, and shows the summary.</summary>
    /// <returns>How the tool is to end.</returns>
    /// <exception cref="IOException">A file cannot be written to; before the first look.</exception>
    public static async Task<int> RunAsync(MonitorSettings settings, Surroundings surroundings, CancellationToken interrupt)
    {
        // Both are opened first: an hour later is too late to find out that a folder is missing.
        using CsvLog? csv = settings.CsvFile is { } csvFile ? new CsvLog(Open("--csv", csvFile)) : null;
        using TextWriter? html = settings.HtmlFile is { } htmlFile ? Open("--html", htmlFile) : null;
        var run = new MonitorRun(settings, surroundings) { _csv = csv };
        if (!await run.WatchAsync(interrupt).ConfigureAwait(false))
        {
            return ExitCode.Error;
        }

        return run.Finish(html);
    }

    private static StreamWriter Open(string option, string file)
    {
        try
        {
            return new StreamWriter(file, append: false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new IOException($"{option}: {exception.Message}", exception);
        }
    }

    /// <summary>Looks again and again.</summary>
    /// <returns>False if what was asked for is not there.</returns>
    private async Task<bool> WatchAsync(CancellationToken interrupt)
    {
        _watch.Look(0);
        foreach (string problem in _watch.Problems)
        {
            _surroundings.Error.WriteLine(problem);
        }

        if (_watch.Problems.Count > 0)
        {
            return false;
        }

        if (_settings.IsJson)
        {
            await LoopAsync(() => { }, interrupt).ConfigureAwait(false);
        }
        else if (_surroundings.Terminal is { } terminal)
        {
            await terminal.Live(new Text("")).AutoClear(true).StartAsync(live => LoopAsync(
                () =>
                {
                    live.UpdateTarget(MonitorOutput.Live(terminal, _watch, _settings));
                    live.Refresh();
                },
                interrupt)).ConfigureAwait(false);
        }
        else
        {
            await LoopAsync(() => MonitorOutput.WriteLines(_surroundings.Output, _surroundings.Clock.GetLocalNow(), _watch, _settings), interrupt).ConfigureAwait(false);
        }

        return true;
    }

    private async Task LoopAsync(Action show, CancellationToken interrupt)
    {
        using var timer = new PeriodicTimer(_settings.Interval, _surroundings.Clock);
        Log();
        show();
        try
        {
            // A look that would be nearer to the end than half an interval is the last.
            double end = (_settings.Duration - (_settings.Interval / 2)).TotalSeconds;
            while (_watch.Seconds < end && !_watch.IsOver)
            {
                await timer.WaitForNextTickAsync(interrupt).ConfigureAwait(false);
                _watch.Look(_surroundings.Clock.GetElapsedTime(_start).TotalSeconds);
                Log();
                show();
            }
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested)
        {
            _isInterrupted = true;
        }
    }

    /// <summary>Writes the readings to the file. A disk that is full ends the file, not the watch.</summary>
    private void Log()
    {
        try
        {
            _csv?.Write(_surroundings.Clock.GetUtcNow(), _watch);
        }
        catch (IOException exception)
        {
            _csv = null;
            Fail($"--csv: {_settings.CsvFile}: {exception.Message}");
        }
    }

    private int Finish(TextWriter? html)
    {
        try
        {
            if (html is not null)
            {
                HtmlPage.Write(html, _startedAt, _watch, _settings, _isInterrupted);
                html.Flush();
            }
        }
        catch (IOException exception)
        {
            Fail($"--html: {_settings.HtmlFile}: {exception.Message}");
        }

        string[] problems = [.. _watch.NamesNotSeen.Select(name => $"No process was named '{Printable.Of(name)}' at any time.")];
        foreach (string problem in problems)
        {
            Fail(problem);
        }

        int exitCode = _hasFailed ? ExitCode.Error : ExitCode.Of(_watch.Judge(_settings.Thresholds));
        if (_settings.IsJson)
        {
            JsonOutput.Write(_surroundings.Output, "monitor", _startedAt, _watch, _settings, problems, _isInterrupted, exitCode);
        }
        else
        {
            MonitorOutput.WriteSummary(_surroundings, _watch, _settings, _isInterrupted);
        }

        return exitCode;
    }

    private void Fail(string problem)
    {
        _hasFailed = true;
        _surroundings.Error.WriteLine(problem);
    }
}
