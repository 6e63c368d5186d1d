using System.Diagnostics;
using BoundedMemory.ConversationReplay;

const string Usage = """
    Replays conversations and prints, for each policy, what it would send to the model.

      FILE          conversations, a gzipped JSON array of objects with the messages in "traj" (OpenAI's format)
      --quick       only the first 20 of them
    """;

bool isQuick = args.Contains("--quick");
string[] files = [.. args.Where(a => a != "--quick")];
if (files is not [var file] || !File.Exists(file))
{
    Console.Error.WriteLine(files is [var missing] ? $"There is no file '{missing}'." : "One file is needed.");
    Console.Error.WriteLine(Usage);
    return 2;
}

Console.WriteLine($"{Environment.ProcessorCount} processors, {System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}");
var watch = Stopwatch.StartNew();
Conversation[] recorded = [.. Recorded.Read(file).Take(isQuick ? 20 : int.MaxValue)];
bool holds = Replay.Print($"{Path.GetFileName(file)}: {recorded.Length} conversations", recorded);

// The shape of the requests of the study backend: 50 messages, 100 KB.
Conversation[] large = [.. Enumerable.Range(0, isQuick ? 2 : 10).Select(seed => Synthetic.Create(seed, messages: 50, characters: 2048))];
holds &= Replay.Print("synthetic: 50 messages of 2,048 characters; requests of 50 messages only", large, minimum: 50);
Console.WriteLine();
Console.WriteLine($"{watch.Elapsed.TotalSeconds:F1} s. Ours: {(holds ? "no window over its cap, no orphan, no open call, nothing missing" : "A PROMISE IS BROKEN")}.");
return holds ? 0 : 1;
